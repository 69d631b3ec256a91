import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One JSON object per line: a request from standard input, a reply to standard output. Between two requests the
 * process is blocked in a read.
 */
final class Protocol {
  /** Why a cell has no sample: it is skipped, or what arrived is not what was sent. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    final String status;

    Failure(String status, String detail) {
      super(detail);
      this.status = status;
    }
  }

  interface Sampler {
    Map<String, Object> take() throws Failure;
  }

  interface Opener {
    Sampler open(Cell cell, String trees) throws Failure;
  }

  /** What an open request asks for. A field that a request leaves out is 0 or empty. */
  static final class Cell {
    String scenario = "", itemBytes = "", tree = "";
    int producers, consumers, capacity, workProducerNs, workConsumerNs;
    double sampleMs;
  }

  private static final Pattern OBJECT = Pattern.compile("\\s*\\{.*\\}\\s*");
  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\"\\s*:\\s*(\"[^\"]*\"|[^,}\\s]+)");

  private final String name, version, trees;
  private final Opener opener;
  private Sampler sampler;

  Protocol(String name, String version, Opener opener, String trees) {
    this.name = name;
    this.version = version;
    this.opener = opener;
    this.trees = trees;
  }

  static Failure unknown(String name, String word) {
    return new Failure("skipped", "the peer does not know " + name + " '" + word + "'");
  }

  static Failure corrupt(String detail) {
    return new Failure("corrupt", detail);
  }

  /** A request that breaks the protocol is no cell: the program ends. */
  static RuntimeException refuse(String sentence) {
    System.err.println("handoff-java: " + sentence);
    System.exit(2);
    return new IllegalStateException(sentence);
  }

  private static int whole(String name, String value, int least) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least) return number;
    } catch (NumberFormatException no) {
      // refused below
    }
    throw refuse(name + " is " + value + "; it must be a whole number, " + least + " or more");
  }

  private static double positive(String name, String value) {
    try {
      double number = Double.parseDouble(value);
      if (number > 0) return number;
    } catch (NumberFormatException no) {
      // refused below
    }
    throw refuse(name + " is " + value + "; it must be above 0");
  }

  private static String word(String value) {
    return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
  }

  /** A field that is unknown here is skipped, not ignored: a sample without it would be another cell's. */
  private static Cell cellOf(Map<String, String> fields) throws Failure {
    Cell cell = new Cell();
    for (Map.Entry<String, String> field : fields.entrySet()) {
      String name = field.getKey(), value = field.getValue();
      switch (name) {
        case "scenario" -> cell.scenario = word(value);
        case "item_bytes" -> cell.itemBytes = word(value);
        case "tree" -> cell.tree = word(value);
        case "producers" -> cell.producers = whole(name, value, 1);
        case "consumers" -> cell.consumers = whole(name, value, 1);
        case "capacity" -> cell.capacity = whole(name, value, 1);
        case "work_producer_ns" -> cell.workProducerNs = whole(name, value, 0);
        case "work_consumer_ns" -> cell.workConsumerNs = whole(name, value, 0);
        case "seed" -> { } // nothing here is drawn by lot
        case "sample_ms" -> cell.sampleMs = positive(name, value);
        default -> throw new Failure("skipped", "the peer does not know " + name);
      }
    }
    for (String name : List.of("scenario", "producers", "consumers", "capacity", "item_bytes", "sample_ms"))
      if (!fields.containsKey(name)) refuse("the request is incomplete: " + name + " is missing");
    if (cell.scenario.equals("tree") == cell.tree.isEmpty())
      refuse("tree goes with the scenario tree, and only with it");
    return cell;
  }

  /** Requests are flat, and their strings are plain words. */
  private static Map<String, String> fieldsOf(String line) {
    Map<String, String> fields = new TreeMap<>();
    if (OBJECT.matcher(line).matches())
      for (Matcher field = FIELD.matcher(line); field.find(); ) fields.put(field.group(1), field.group(2));
    if (!fields.containsKey("id") || !fields.containsKey("request"))
      refuse("'" + line.strip().substring(0, Math.min(60, line.strip().length())) + "' is not a request");
    return fields;
  }

  private Map<String, Object> reply(String request, Map<String, String> fields) {
    Map<String, Object> answer = new LinkedHashMap<>();
    try {
      if (request.equals("hello")) {
        answer.putAll(Map.of("protocol", 1, "name", name, "version", version));
      } else if (request.equals("open")) {
        sampler = null; // what the last cell held is gone before the next one is opened
        sampler = opener.open(cellOf(fields), trees);
        answer.put("status", "ok");
      } else if (request.equals("sample") && sampler != null) {
        System.gc(); // what the last sample left behind is not collected in this one's window
        answer.putAll(sampler.take());
      } else {
        refuse("unexpected request '" + request + "'");
      }
    } catch (Failure failure) {
      answer.put("status", failure.status);
      answer.put("detail", failure.getMessage());
    }
    return answer;
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Answers until standard input ends. */
  void serve() throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      Map<String, String> fields = fieldsOf(line);
      StringJoiner text = new StringJoiner(",", "{", "}").add("\"id\":" + fields.remove("id"));
      String request = word(fields.remove("request"));
      reply(request, fields)
          .forEach((key, value) ->
              text.add(quoted(key) + ":" + (value instanceof String word ? quoted(word) : value.toString())));
      out.println(text);
      if (out.checkError()) System.exit(1);
    }
  }
}
