import java.util.Map;

/**
 * A peer by the protocol of docs/anatomy-of-a-peer.md: Java's ForkJoinPool, a queue of JCTools, or the Disruptor.
 *
 * <p>{@code java Peer disruptor|forkjoin|jctools TREES.CSV}
 */
public final class Peer {
  private Peer() {}

  private static Protocol.Sampler openForkJoin(Protocol.Cell cell, String trees) throws Protocol.Failure {
    if (cell.scenario.equals("tree")) return TreeSession.open(cell, trees, ForkJoinForest::new);
    throw Protocol.unknown("scenario", cell.scenario);
  }

  private static Protocol.Sampler openJcTools(Protocol.Cell cell, String trees) throws Protocol.Failure {
    if (cell.scenario.equals("throughput")) return Stream.open(cell, "MpmcArrayQueue", new JcToolsLane());
    throw Protocol.unknown("scenario", cell.scenario);
  }

  private static Protocol.Sampler openDisruptor(Protocol.Cell cell, String trees) throws Protocol.Failure {
    if (cell.scenario.equals("throughput")) return Stream.open(cell, "the Disruptor", new DisruptorLane());
    throw Protocol.unknown("scenario", cell.scenario);
  }

  public static void main(String[] words) throws java.io.IOException {
    Map<String, Protocol.Opener> contenders =
        Map.of("disruptor", Peer::openDisruptor, "forkjoin", Peer::openForkJoin, "jctools", Peer::openJcTools);
    if (words.length != 2 || !contenders.containsKey(words[0]))
      Protocol.refuse("usage: java Peer disruptor|forkjoin|jctools TREES.CSV");
    String version = System.getProperty("java.vm.version") + " (" + System.getProperty("java.home") + ")";
    new Protocol(System.getProperty("java.vm.name"), version, contenders.get(words[0]), words[1]).serve();
  }
}
