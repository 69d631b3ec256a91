import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jctools.queues.MpmcArrayQueue;

/** JCTools' MpmcArrayQueue, for which its threads wait by yielding. */
final class JcToolsLane implements Stream.Lane {
  private static final Long END = -1L;

  private static void put(MpmcArrayQueue<Long> queue, Long item) {
    while (!queue.offer(item)) Thread.yield();
  }

  private static Long take(MpmcArrayQueue<Long> queue) {
    Long item;
    while ((item = queue.poll()) == null) Thread.yield();
    return item;
  }

  @Override
  public boolean keepsOrder(Stream.Job job, int some) {
    MpmcArrayQueue<Long> queue = new MpmcArrayQueue<>(job.capacity());
    for (long n = 0; n < some; ++n) put(queue, n);
    boolean kept = true;
    for (long n = 0; n < some; ++n) kept &= take(queue) == n;
    return kept;
  }

  @Override
  public Stream.Window run(Stream.Job job) {
    MpmcArrayQueue<Long> queue = new MpmcArrayQueue<>(job.capacity());
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> producers = job.producers(start, item -> put(queue, item));
    List<Consumer> consumers = new ArrayList<>();
    for (int c = 0; c < job.consumers(); ++c) consumers.add(new Consumer(queue, start, new Stream.Receipts(job)));
    producers.forEach(Thread::start);
    consumers.forEach(Thread::start);
    Usage used = new Usage();
    long began = System.nanoTime();
    start.countDown();
    Threads.join(producers);
    consumers.forEach(ignored -> put(queue, END));
    Threads.join(consumers);
    Map<String, Object> row = used.row();
    long ended = consumers.stream().mapToLong(each -> each.ended).max().orElse(began);
    return new Stream.Window(began, ended, row, consumers.stream().map(each -> each.received).toList());
  }

  private static final class Consumer extends Thread {
    private final MpmcArrayQueue<Long> queue;
    private final CountDownLatch start;
    final Stream.Receipts received;
    long ended;

    Consumer(MpmcArrayQueue<Long> queue, CountDownLatch start, Stream.Receipts received) {
      this.queue = queue;
      this.start = start;
      this.received = received;
    }

    @Override
    public void run() {
      Threads.await(start);
      for (long item; (item = take(queue)) != END; ) received.accept(item);
      ended = System.nanoTime();
    }
  }
}
