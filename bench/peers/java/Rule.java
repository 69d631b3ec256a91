import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** How the trees grow: the rules of harness/trees, with the numbers that bench/peers/trees.csv gives them. */
abstract class Rule {
  /** A node; the state is what the rule says it is, in five words. */
  record Node(long place, int depth, int a, int b, int c, int d, int e) {
    Node child(int index, int a, int b, int c, int d, int e) {
      long hash = (place + index + 1) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 29;
      return new Node(hash >>> 1, depth + 1, a, b, c, d, e);
    }
  }

  /** What was visited. The content does not depend on the order. */
  static final class Tally {
    long nodes, leaves, depth, content;

    void enter(Node node, boolean isLeaf) {
      ++nodes;
      if (isLeaf) ++leaves;
      depth = Math.max(depth, node.depth());
      long key = node.place() ^ (node.a() & 0xffffffffL) ^ ((long) node.e() << 32);
      key ^= key >>> 32;
      key *= 0xd6e8feb86659fd93L;
      content += key ^ (key >>> 29);
    }

    void add(Tally other) {
      nodes += other.nodes;
      leaves += other.leaves;
      depth = Math.max(depth, other.depth);
      content += other.content;
    }
  }

  abstract Node root();

  /** Appends the children. */
  abstract void expand(Node parent, List<Node> children);

  private static final class Fib extends Rule {
    private final int n;

    Fib(int n) {
      this.n = n;
    }

    Node root() {
      return new Node(0, 0, n, 0, 0, 0, 0);
    }

    void expand(Node parent, List<Node> children) {
      for (int i = 0; i < 2 && parent.a() >= 2; ++i) children.add(parent.child(i, parent.a() - 1 - i, 0, 0, 0, 0));
    }
  }

  private static final class Skynet extends Rule {
    private final int depth;

    Skynet(int depth) {
      this.depth = depth;
    }

    Node root() {
      return new Node(0, 0, 0, 0, 0, 0, 0);
    }

    void expand(Node parent, List<Node> children) {
      for (int i = 0; i < 10 && parent.depth() < depth; ++i) children.add(parent.child(i, 0, 0, 0, 0, 0));
    }
  }

  private static final class Nqueens extends Rule {
    private final int n;

    Nqueens(int n) {
      this.n = n;
    }

    Node root() {
      return new Node(0, 0, 0, 0, 0, 0, 0);
    }

    void expand(Node parent, List<Node> children) {
      if (parent.depth() == n) return;
      int all = (1 << n) - 1, index = 0;
      for (int free = all & ~(parent.a() | parent.b() | parent.c()); free != 0; free &= free - 1) {
        int queen = free & -free;
        children.add(
            parent.child(
                index++, parent.a() | queen, (parent.b() | queen) << 1 & all, (parent.c() | queen) >>> 1, 0, 0));
      }
    }
  }

  /** Of Unbalanced Tree Search: how many children a node has is drawn from its random numbers. */
  private abstract static class Uts extends Rule {
    private static final ThreadLocal<MessageDigest> SHA =
        ThreadLocal.withInitial(
            () -> {
              try {
                return MessageDigest.getInstance("SHA-1");
              } catch (NoSuchAlgorithmException impossible) {
                throw new AssertionError(impossible);
              }
            });

    private final int seed;

    Uts(int seed) {
      this.seed = seed;
    }

    abstract int count(Node node, double uniform);

    Node root() {
      ByteBuffer hash = ByteBuffer.wrap(SHA.get().digest(ByteBuffer.allocate(20).putInt(16, seed).array()));
      return new Node(0, 0, hash.getInt(), hash.getInt(), hash.getInt(), hash.getInt(), hash.getInt());
    }

    void expand(Node parent, List<Node> children) {
      int count = count(parent, (parent.e() & 0x7fffffff) / 2147483648.0);
      if (count == 0) return;
      MessageDigest sha = SHA.get();
      ByteBuffer message = ByteBuffer.allocate(24);
      message.putInt(parent.a()).putInt(parent.b()).putInt(parent.c()).putInt(parent.d()).putInt(parent.e());
      for (int i = 0; i < count; ++i) {
        ByteBuffer hash = ByteBuffer.wrap(sha.digest(message.putInt(20, i).array()));
        children.add(
            parent.child(i, hash.getInt(), hash.getInt(), hash.getInt(), hash.getInt(), hash.getInt()));
      }
    }
  }

  private static Uts binomial(int seed, int rootChildren, int children, double probability) {
    return new Uts(seed) {
      int count(Node node, double uniform) {
        return node.depth() == 0 ? rootChildren : uniform < probability ? children : 0;
      }
    };
  }

  private static Uts geometric(int seed, String shape, int depth, double branching) {
    double[] logFailure = new double[shape.equals("uts_cyclic") ? 5 * depth + 1 : depth];
    for (int level = 0; level < logFailure.length; ++level) {
      double part = (double) level / depth, expected = branching;
      if (level > 0 && shape.equals("uts_linear")) expected = branching * (1 - part);
      if (level > 0 && shape.equals("uts_cyclic")) expected = Math.pow(branching, Math.sin(2 * Math.PI * part));
      logFailure[level] = Math.log(1 - 1 / (1 + expected));
    }
    return new Uts(seed) {
      int count(Node node, double uniform) {
        if (node.depth() >= logFailure.length) return 0;
        return (int) Math.min(Math.floor(Math.log(1 - uniform) / logFailure[node.depth()]), 100);
      }
    };
  }

  /** A rule, and what is known of its tree; its content is not. */
  record Known(Rule rule, Tally counts) {}

  static Known named(String name, String trees) throws Protocol.Failure {
    try {
      for (String line : Files.readAllLines(Path.of(trees))) {
        String[] row = line.split(",", -1);
        if (row[0].equals(name)) return new Known(ruleOf(row), countsOf(row));
      }
    } catch (IOException unreadable) {
      throw Protocol.refuse(unreadable.toString());
    }
    throw Protocol.unknown("tree", name);
  }

  private static double number(String[] row, int column) {
    return row[column].isEmpty() ? 0 : Double.parseDouble(row[column]);
  }

  private static Rule ruleOf(String[] row) {
    int size = (int) number(row, 2), seed = (int) number(row, 6);
    return switch (row[1]) {
      case "fib" -> new Fib(size);
      case "skynet" -> new Skynet(size);
      case "nqueens" -> new Nqueens(size);
      case "uts_binomial" -> binomial(seed, (int) number(row, 3), (int) number(row, 4), number(row, 5));
      default -> geometric(seed, row[1], size, number(row, 3));
    };
  }

  private static Tally countsOf(String[] row) {
    Tally counts = new Tally();
    counts.nodes = (long) number(row, 7);
    counts.leaves = (long) number(row, 8);
    counts.depth = (long) number(row, 9);
    return counts;
  }

  static List<Node> noNodes() {
    return new ArrayList<>();
  }
}
