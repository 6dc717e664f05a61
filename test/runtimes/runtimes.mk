# Real runtimes as targets: Debian's own builds, in the cache; nothing is installed on this machine.
runtimes-build: | $(NODE)
	@bash test/runtimes/build/programs.sh >/dev/null

runtimes: $(MODULES) balloon runtimes-build ## Probe real runtimes, natively and in a guest, and put the table into docs/verdict.md (5 minutes)
	@ava --config test/runtimes/ava.config.js
	@node test/runtimes/write-table.ts

.PHONY: runtimes runtimes-build
