import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;

/** A tree without a queue of its own: the tasks of a ForkJoinPool, which steals, and has no capacity. */
final class ForkJoinForest implements TreeSession.Forest {
  private final TreeSession.Job job;
  private final ForkJoinPool pool;

  ForkJoinForest(TreeSession.Job job) {
    this.job = job;
    this.pool = new ForkJoinPool(job.workers());
  }

  @Override
  public Rule.Tally grow(Rule.Node root) {
    return pool.invoke(new Visit(root));
  }

  @Override
  public void close() {
    pool.shutdown();
    try {
      while (!pool.awaitTermination(1, TimeUnit.SECONDS)) { }
    } catch (InterruptedException nobodyInterrupts) {
      throw new IllegalStateException(nobodyInterrupts);
    }
  }

  /** Visits a node and all below it. */
  private final class Visit extends RecursiveTask<Rule.Tally> {
    private static final long serialVersionUID = 1;

    private final transient Rule.Node node;

    Visit(Rule.Node node) {
      this.node = node;
    }

    @Override
    protected Rule.Tally compute() {
      Rule.Tally visited = new Rule.Tally();
      visit(node, visited);
      return visited;
    }

    /** Forks all children but the last one, which is visited in place. */
    private void visit(Rule.Node here, Rule.Tally visited) {
      Usage.work(job.turns());
      List<Rule.Node> children = Rule.noNodes();
      job.rule().expand(here, children);
      visited.enter(here, children.isEmpty());
      if (children.isEmpty()) return;
      Visit[] forked = new Visit[children.size() - 1];
      for (int i = 0; i < forked.length; ++i) {
        forked[i] = new Visit(children.get(i));
        forked[i].fork();
      }
      visit(children.get(forked.length), visited);
      for (int i = forked.length - 1; i >= 0; --i) visited.add(forked[i].join());
    }
  }
}
