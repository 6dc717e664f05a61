// PID 1 of every pod's sandbox: holds the namespaces, reaps what is left to it, ends when told to.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) {
  (void)signal;
  _exit(0);
}

static void reap(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0)
    ;
}

int main(void) {
  struct sigaction reaping = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP | SA_RESTART};
  signal(SIGINT, end);
  signal(SIGTERM, end);
  sigaction(SIGCHLD, &reaping, NULL);
  for (;;)
    pause();
}
