import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongConsumer;

/** throughput: producers and consumers on threads. */
final class Stream {
  /** What the workers of a window are told. */
  record Job(int producers, int consumers, int capacity, long share, long turnsProducer, long turnsConsumer) {
    /** The producers' threads: from {@code start} on, each hands its items over one by one. */
    List<Thread> producers(CountDownLatch start, LongConsumer into) {
      List<Thread> all = new ArrayList<>();
      for (int p = 0; p < producers; ++p) {
        int producer = p;
        all.add(
            new Thread(
                () -> {
                  Threads.await(start);
                  produce(producer, into);
                }));
      }
      return all;
    }

    /** Each item takes the work that the cell asks for. */
    private void produce(int producer, LongConsumer into) {
      long first = (long) producer << SEQUENCE_BITS;
      for (long item = first; item < first + share; ++item) {
        Usage.work(turnsProducer);
        into.accept(item);
      }
    }
  }

  /** One way of handing items over. */
  interface Lane {
    /** Whether what goes first into a fresh queue comes out first, with no other thread there. */
    boolean keepsOrder(Job job, int some);

    /** One window with a fresh queue. */
    Window run(Job job);
  }

  /** The time in nanoseconds, and what was used meanwhile. */
  record Window(long began, long ended, Map<String, Object> used, List<Receipts> received) {}

  /** The items that one consumer received. */
  static final class Receipts {
    private final long turns;
    private final long[] next; // the least item that may come from each producer
    private long count, sum, squares;
    private boolean disorder;

    Receipts(Job job) {
      turns = job.turnsConsumer();
      next = new long[job.producers()];
    }

    void accept(long item) {
      Usage.work(turns);
      int producer = (int) (item >>> SEQUENCE_BITS);
      disorder |= item < next[producer];
      next[producer] = item + 1;
      ++count;
      sum += item;
      squares += item * item;
    }
  }

  /** An item is its producer's number and its own number there. */
  private static final int SEQUENCE_BITS = 40;
  private static final int FEWEST_WARM_UPS = 10;
  private static final int WARM = 5; // the last of them decide
  /** In lengths of a sample, if the fewest items last longer than one. */
  private static final double LONGEST_SAMPLE = 4;

  private final Protocol.Cell cell;
  private final Lane lane;
  private final long turnsProducer, turnsConsumer;
  private final double clockNs = Usage.clockCost();
  private long share; // items per producer

  private Stream(Protocol.Cell cell, Lane lane) {
    this.cell = cell;
    this.lane = lane;
    this.turnsProducer = Usage.turnsFor(cell.workProducerNs);
    this.turnsConsumer = Usage.turnsFor(cell.workConsumerNs);
  }

  /** Of a queue whose capacity is a power of two, 2 or more. */
  static Protocol.Sampler open(Protocol.Cell cell, String queue, Lane lane) throws Protocol.Failure {
    if (!cell.itemBytes.equals("8")) throw Protocol.unknown("item_bytes", cell.itemBytes);
    if (cell.capacity < 2 || Integer.bitCount(cell.capacity) != 1)
      throw new Protocol.Failure(
          "skipped", queue + "'s capacity is a power of two, 2 or more, not " + cell.capacity);
    Stream stream = new Stream(cell, lane);
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
   * machine compiles the loops meanwhile. A window may be interrupted for longer than it lasts, so the median of
   * several decides.
   */
  private void warmUp() throws Protocol.Failure {
    double fewest = 4.0 * cell.capacity + 64.0 * (cell.producers + cell.consumers);
    double target = cell.sampleMs * 1e-3;
    share = itemsEach(256);
    List<Double> fitting = new ArrayList<>();
    while (fitting.size() < FEWEST_WARM_UPS) {
      double length = (double) run().get("seconds");
      if (length < target / 4) {
        share *= 2;
      } else {
        double proportional = share * cell.producers * target / length;
        fitting.add(Math.max(proportional, Math.min(fewest, proportional * LONGEST_SAMPLE)));
        share = itemsEach(fitting.get(fitting.size() - 1));
      }
    }
    List<Double> last = fitting.subList(FEWEST_WARM_UPS - WARM, FEWEST_WARM_UPS);
    Collections.sort(last);
    share = itemsEach(last.get(WARM / 2));
  }

  private Job job() {
    return new Job(cell.producers, cell.consumers, cell.capacity, share, turnsProducer, turnsConsumer);
  }

  private void proveOrder() throws Protocol.Failure {
    if (!lane.keepsOrder(job(), Math.min(cell.capacity, 64)))
      throw Protocol.corrupt("the first items of a fresh queue did not come out in the order that it promises, fifo");
  }

  private Map<String, Object> run() throws Protocol.Failure {
    Window window = lane.run(job());
    Map<String, Object> row = window.used();
    long count = share * cell.producers;
    check(window.received(), count);
    double seconds = (window.ended() - window.began()) * 1e-9;
    row.put("status", "ok");
    row.put("items", count);
    row.put("seconds", seconds);
    row.put("items_per_second", count / seconds);
    double least = window.received().stream().mapToLong(each -> each.count).min().orElse(0);
    row.put("fairness_consumers", least / window.received().stream().mapToLong(each -> each.count).max().orElse(1));
    return row;
  }

  private void check(List<Receipts> received, long count) throws Protocol.Failure {
    long arrived = 0, sum = 0, squares = 0;
    boolean disorder = false;
    for (Receipts each : received) {
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
