import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** tree: workers expand a tree until nothing is left of it. */
final class TreeSession {
  /** What one way of growing trees is told. */
  record Job(Rule rule, long turns, int workers, int capacity) {}

  /** Workers that wait for a tree. */
  interface Forest extends AutoCloseable {
    /** Grows the whole tree. Returns what was visited. */
    Rule.Tally grow(Rule.Node root);

    @Override
    void close();
  }

  interface Planter {
    Forest plant(Job job);
  }

  /** Until the compiler of the virtual machine has compiled what is measured. */
  private static final double WARM_UP_S = 1;

  private final Protocol.Cell cell;
  private final Job job;
  private final Planter planter;
  private final double clockNs = Usage.clockCost();
  private Rule.Tally expected;

  private TreeSession(Protocol.Cell cell, Job job, Planter planter) {
    this.cell = cell;
    this.job = job;
    this.planter = planter;
  }

  static Protocol.Sampler open(Protocol.Cell cell, String trees, Planter planter) throws Protocol.Failure {
    if (!cell.itemBytes.equals("32")) throw Protocol.unknown("item_bytes", cell.itemBytes);
    Rule.Known known = Rule.named(cell.tree, trees);
    Job job = new Job(known.rule(), Usage.turnsFor(cell.workConsumerNs), cell.consumers, cell.capacity);
    TreeSession session = new TreeSession(cell, job, planter);
    session.warmUp(known.counts());
    return session::sample;
  }

  private void warmUp(Rule.Tally known) throws Protocol.Failure {
    long began = System.nanoTime();
    do expected = walk();
    while (secondsSince(began) < WARM_UP_S / 2);
    known.content = expected.content;
    check(expected, known);
    began = System.nanoTime();
    try (Forest forest = planter.plant(job)) {
      do check(forest.grow(job.rule().root()), expected);
      while (secondsSince(began) < WARM_UP_S);
    }
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) * 1e-9;
  }

  /** Visits every node in this thread, without a queue. */
  private Rule.Tally walk() {
    Rule.Tally visited = new Rule.Tally();
    List<Rule.Node> left = Rule.noNodes();
    left.add(job.rule().root());
    while (!left.isEmpty()) {
      Rule.Node node = left.remove(left.size() - 1);
      Usage.work(job.turns());
      int others = left.size();
      job.rule().expand(node, left);
      visited.enter(node, left.size() == others);
    }
    return visited;
  }

  private double[] lengths(Runnable round, double seconds) {
    List<Double> lengths = new ArrayList<>();
    long began = System.nanoTime();
    do {
      long start = System.nanoTime();
      round.run();
      lengths.add((double) (System.nanoTime() - start));
    } while (secondsSince(began) < seconds);
    return lengths.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private Map<String, Object> sample() throws Protocol.Failure {
    double sampleS = cell.sampleMs * 1e-3;
    double serial = Usage.median(lengths(() -> expected = walk(), sampleS / 2));
    System.gc(); // what the walks left behind
    List<Rule.Tally> visited = new ArrayList<>();
    try (Forest forest = planter.plant(job)) {
      check(forest.grow(job.rule().root()), expected); // starts its threads
      Usage used = new Usage();
      double[] rounds = lengths(() -> visited.add(forest.grow(job.rule().root())), sampleS);
      Map<String, Object> row = used.row();
      for (Rule.Tally each : visited) check(each, expected);
      return filled(row, serial, rounds);
    }
  }

  private Map<String, Object> filled(Map<String, Object> row, double serial, double[] rounds) {
    double seconds = 0;
    for (double length : rounds) seconds += length * 1e-9;
    int cores = Math.min(job.workers(), Runtime.getRuntime().availableProcessors());
    double busy = ((double) row.get("cpu_user_s") + (double) row.get("cpu_system_s")) / (seconds * cores);
    double round = Usage.median(rounds);
    row.put("status", "ok");
    row.put("items", expected.nodes * rounds.length);
    row.put("seconds", seconds);
    row.put("clock_ns", clockNs);
    row.put("node_ns", round / expected.nodes);
    row.put("serial_node_ns", serial / expected.nodes);
    row.put("speed_up", serial / round);
    row.put("idle_share", Math.max(0, 1 - busy));
    row.put("kept_share", 0);
    return row;
  }

  private static void check(String what, long visited, long expected) throws Protocol.Failure {
    if (visited != expected)
      throw Protocol.corrupt(visited + " " + what + " were visited of a tree that has " + expected);
  }

  private static void check(Rule.Tally visited, Rule.Tally expected) throws Protocol.Failure {
    check("nodes", visited.nodes, expected.nodes);
    check("leaves", visited.leaves, expected.leaves);
    check("levels", visited.depth, expected.depth);
    if (visited.content != expected.content)
      throw Protocol.corrupt("as many nodes were visited as the tree has, but not the same ones");
  }
}
