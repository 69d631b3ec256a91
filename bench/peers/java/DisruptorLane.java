import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.FatalExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WorkHandler;
import com.lmax.disruptor.WorkerPool;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The Disruptor's ring for several producers, read by its WorkerPool, which gives each item to one of the consumers.
 * They wait by yielding; a producer waits for room as the ring decides.
 */
final class DisruptorLane implements Stream.Lane {
  /** What lies in the ring from the beginning, as the Disruptor is meant to be used: no item is an object. */
  private static final class Event {
    long item;
  }

  private static void put(RingBuffer<Event> ring, long item) {
    long place = ring.next();
    ring.get(place).item = item;
    ring.publish(place);
  }

  private static RingBuffer<Event> ring(Stream.Job job) {
    return RingBuffer.createMultiProducer(Event::new, job.capacity(), new YieldingWaitStrategy());
  }

  @Override
  public boolean keepsOrder(Stream.Job job, int some) {
    RingBuffer<Event> ring = ring(job);
    EventPoller<Event> poller = ring.newPoller();
    ring.addGatingSequences(poller.getSequence());
    List<Long> came = new ArrayList<>();
    for (int n = 0; n < some; ++n) put(ring, n);
    try {
      while (came.size() < some) poller.poll((event, place, isLast) -> came.add(event.item));
    } catch (Exception neverThrown) {
      throw new IllegalStateException(neverThrown);
    }
    boolean kept = true;
    for (int n = 0; n < some; ++n) kept &= came.get(n) == n;
    return kept;
  }

  @Override
  public Stream.Window run(Stream.Job job) {
    RingBuffer<Event> ring = ring(job);
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> producers = job.producers(start, item -> put(ring, item));
    List<Thread> consumers = new ArrayList<>();
    List<Stream.Receipts> received = new ArrayList<>();
    for (int c = 0; c < job.consumers(); ++c) received.add(new Stream.Receipts(job));
    WorkerPool<Event> pool = poolOf(ring, received);
    producers.forEach(Thread::start);
    pool.start(worker -> consumers.add(started(worker)));
    Usage used = new Usage();
    long began = System.nanoTime();
    start.countDown();
    Threads.join(producers);
    pool.drainAndHalt(); // returns when every item was processed, and tells the consumers to end
    long ended = System.nanoTime();
    var row = used.row();
    Threads.join(consumers);
    return new Stream.Window(began, ended, row, received);
  }

  private static Thread started(Runnable worker) {
    Thread thread = new Thread(worker);
    thread.start();
    return thread;
  }

  private static WorkerPool<Event> poolOf(RingBuffer<Event> ring, List<Stream.Receipts> received) {
    List<WorkHandler<Event>> handlers = new ArrayList<>();
    for (Stream.Receipts each : received) handlers.add(event -> each.accept(event.item));
    @SuppressWarnings({"unchecked", "rawtypes"})
    WorkHandler<Event>[] all = handlers.toArray(new WorkHandler[0]);
    WorkerPool<Event> pool = new WorkerPool<>(ring, ring.newBarrier(), new FatalExceptionHandler(), all);
    ring.addGatingSequences(pool.getWorkerSequences());
    return pool;
  }
}
