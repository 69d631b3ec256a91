import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Threads that are never interrupted. */
final class Threads {
  private Threads() {}

  static void await(CountDownLatch start) {
    try {
      start.await();
    } catch (InterruptedException nobodyInterrupts) {
      throw new IllegalStateException(nobodyInterrupts);
    }
  }

  static void join(List<? extends Thread> workers) {
    try {
      for (Thread worker : workers) worker.join();
    } catch (InterruptedException nobodyInterrupts) {
      throw new IllegalStateException(nobodyInterrupts);
    }
  }
}
