import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jctools.queues.MpmcArrayQueue;

/** throughput: producers and consumers on JCTools' MpmcArrayQueue, which they wait for by yielding. */
final class Stream {
  /** An item is its producer's number and its own number there. */
  private static final int SEQUENCE_BITS = 40;
  private static final Long END = -1L;
  private static final int FEWEST_WARM_UPS = 10;

  private final Protocol.Cell cell;
  private final long turnsProducer, turnsConsumer;
  private final double clockNs = Usage.clockCost();
  private long share; // items per producer

  private Stream(Protocol.Cell cell) {
    this.cell = cell;
    this.turnsProducer = Usage.turnsFor(cell.workProducerNs);
    this.turnsConsumer = Usage.turnsFor(cell.workConsumerNs);
  }

  static Protocol.Sampler open(Protocol.Cell cell) throws Protocol.Failure {
    if (!cell.itemBytes.equals("8")) throw Protocol.unknown("item_bytes", cell.itemBytes);
    if (cell.capacity < 2 || Integer.bitCount(cell.capacity) != 1)
      throw new Protocol.Failure(
          "skipped", "MpmcArrayQueue's capacity is a power of two, 2 or more, not " + cell.capacity);
    Stream stream = new Stream(cell);
    stream.warmUp();
    return () -> {
      stream.proveOrder();
      Map<String, Object> row = stream.run();
      row.put("clock_ns", stream.clockNs);
      return row;
    };
  }

  private long itemsEach(double items) {
    return (long) items / cell.producers + 1;
  }

  /**
   * Finds the number of items that fills a sample, the queue four times, and every worker's loop 64 times; the virtual
   * machine compiles the loops meanwhile.
   */
  private void warmUp() throws Protocol.Failure {
    long fewest = itemsEach(4.0 * cell.capacity + 64.0 * (cell.producers + cell.consumers));
    double target = cell.sampleMs * 1e-3;
    share = itemsEach(256);
    for (int steady = 0; steady < FEWEST_WARM_UPS; ) {
      double length = (double) run().get("seconds");
      if (length < target / 4) {
        share *= 2;
      } else {
        ++steady;
        share = Math.max(fewest, itemsEach(share * cell.producers * target / length));
      }
    }
  }

  private static void put(MpmcArrayQueue<Long> queue, Long item) {
    while (!queue.offer(item)) Thread.yield();
  }

  private static Long take(MpmcArrayQueue<Long> queue) {
    Long item;
    while ((item = queue.poll()) == null) Thread.yield();
    return item;
  }

  /** With no other thread there, what goes in first comes out first. */
  private void proveOrder() throws Protocol.Failure {
    MpmcArrayQueue<Long> queue = new MpmcArrayQueue<>(cell.capacity);
    int some = Math.min(cell.capacity, 64);
    for (long n = 0; n < some; ++n) put(queue, n);
    for (long n = 0; n < some; ++n)
      if (take(queue) != n)
        throw Protocol.corrupt(
            "the first items of a fresh queue did not come out in the order that it promises, fifo");
  }

  /** One window with a fresh queue. */
  private Map<String, Object> run() throws Protocol.Failure {
    MpmcArrayQueue<Long> queue = new MpmcArrayQueue<>(cell.capacity);
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> producers = new ArrayList<>();
    List<Consumer> consumers = new ArrayList<>();
    for (long p = 0; p < cell.producers; ++p) {
      long first = p << SEQUENCE_BITS;
      producers.add(new Thread(() -> produce(queue, start, first)));
    }
    for (int c = 0; c < cell.consumers; ++c) consumers.add(new Consumer(queue, start));
    producers.forEach(Thread::start);
    consumers.forEach(Thread::start);
    Usage used = new Usage();
    long began = System.nanoTime();
    start.countDown();
    producers.forEach(Stream::join);
    consumers.forEach(ignored -> put(queue, END));
    consumers.forEach(Stream::join);
    Map<String, Object> row = used.row();
    long ended = consumers.stream().mapToLong(each -> each.ended).max().orElse(began);
    long count = share * cell.producers;
    check(consumers, count);
    double seconds = (ended - began) * 1e-9;
    row.put("status", "ok");
    row.put("items", count);
    row.put("seconds", seconds);
    row.put("items_per_second", count / seconds);
    double least = consumers.stream().mapToLong(each -> each.count).min().orElse(0);
    row.put("fairness_consumers", least / consumers.stream().mapToLong(each -> each.count).max().orElse(1));
    return row;
  }

  private static void join(Thread worker) {
    try {
      worker.join();
    } catch (InterruptedException nobodyInterrupts) {
      throw new IllegalStateException(nobodyInterrupts);
    }
  }

  private static void await(CountDownLatch start) {
    try {
      start.await();
    } catch (InterruptedException nobodyInterrupts) {
      throw new IllegalStateException(nobodyInterrupts);
    }
  }

  private void produce(MpmcArrayQueue<Long> queue, CountDownLatch start, long first) {
    await(start);
    for (long item = first; item < first + share; ++item) {
      Usage.work(turnsProducer);
      put(queue, item);
    }
  }

  private final class Consumer extends Thread {
    private final MpmcArrayQueue<Long> queue;
    private final CountDownLatch start;
    long count, sum, squares, ended;
    boolean disorder;

    Consumer(MpmcArrayQueue<Long> queue, CountDownLatch start) {
      this.queue = queue;
      this.start = start;
    }

    @Override
    public void run() {
      long[] next = new long[cell.producers]; // the least item that may come from each producer
      Stream.await(start);
      for (long item; (item = take(queue)) != END; ) {
        Usage.work(turnsConsumer);
        int producer = (int) (item >>> SEQUENCE_BITS);
        disorder |= item < next[producer];
        next[producer] = item + 1;
        ++count;
        sum += item;
        squares += item * item;
      }
      ended = System.nanoTime();
    }
  }

  private void check(List<Consumer> consumers, long count) throws Protocol.Failure {
    long arrived = 0, sum = 0, squares = 0;
    boolean disorder = false;
    for (Consumer each : consumers) {
      arrived += each.count;
      sum += each.sum;
      squares += each.squares;
      disorder |= each.disorder;
    }
    if (arrived != count) throw Protocol.corrupt(arrived + " items arrived of " + count);
    for (long p = 0; p < cell.producers; ++p)
      for (long item = p << SEQUENCE_BITS; item < (p << SEQUENCE_BITS) + share; ++item) {
        sum -= item;
        squares -= item * item;
      }
    if (sum != 0 || squares != 0)
      throw Protocol.corrupt("the " + count + " items that arrived are not those that were sent");
    if (disorder) throw Protocol.corrupt("items of one producer arrived out of order");
  }
}
