/** Heap MODE: a Java server in small, whose memory is known. It prints "ready" when its memory stands, and stays. */
final class Heap {
  private static final java.util.List<byte[]> kept = new java.util.ArrayList<>();

  /** Blocks of a quarter of a mebibyte, every page written. */
  private static void allocate(int mebibytes) {
    for (int i = 0; i < 4 * mebibytes; i++) {
      byte[] block = new byte[(1 << 18) - 64];
      java.util.Arrays.fill(block, (byte) 1);
      kept.add(block);
    }
  }

  public static void main(String[] mode) throws InterruptedException {
    allocate(80);
    switch (mode[0]) {
      case "dropped" -> kept.clear(); // garbage, and nothing that would make the collector look
      case "collected" -> { // the same after a collection
        kept.clear();
        System.gc();
      }
      default -> {}
    }
    System.out.println("ready");
    while (true) {
      Thread.sleep(100);
      if (mode[0].equals("leaking")) { // every request is remembered
        byte[] block = new byte[(1 << 18) - 64];
        java.util.Arrays.fill(block, (byte) 1);
        kept.add(block);
      }
    }
  }
}
