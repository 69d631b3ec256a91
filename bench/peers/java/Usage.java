import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Resources that the process used in a window, as columns of samples.csv; busy work. */
final class Usage {
  private static final double TICKS_PER_SECOND = 100;
  private static final com.sun.management.OperatingSystemMXBean SYSTEM =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final double cpu = cpuSeconds(), system = systemSeconds(), stolen = stolenSeconds();

  Map<String, Object> row() {
    double used = cpuSeconds() - cpu;
    double inKernel = Math.min(used, systemSeconds() - system); // counted in ticks
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("cpu_user_s", used - inKernel);
    row.put("cpu_system_s", inKernel);
    row.put("steal_s", stolenSeconds() - stolen);
    row.put("peak_rss_bytes", peakBytes());
    return row;
  }

  private static double cpuSeconds() {
    return SYSTEM.getProcessCpuTime() * 1e-9;
  }

  /** The words of a file's first line that begins so; none if the kernel does not say. */
  private static String[] words(String file, String beginning) {
    try {
      List<String> lines = Files.readAllLines(Path.of(file));
      return lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElse("").split("\\s+");
    } catch (IOException unreadable) {
      return new String[0];
    }
  }

  private static double number(String[] words, int index) {
    return words.length > index ? Double.parseDouble(words[index]) : 0;
  }

  private static double systemSeconds() {
    return number(words("/proc/self/stat", ""), 14) / TICKS_PER_SECOND;
  }

  private static double stolenSeconds() {
    return number(words("/proc/stat", "cpu "), 8) / TICKS_PER_SECOND;
  }

  private static long peakBytes() {
    return (long) number(words("/proc/self/status", "VmHWM:"), 1) * 1024;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double medianOf11(IntToDoubleFunction one) {
    return median(IntStream.range(0, 11).mapToDouble(one).toArray());
  }

  private static long sink;

  /** Nanoseconds per reading of the clock, including the loop around it. */
  static double clockCost() {
    return medianOf11(
        ignored -> {
          long began = System.nanoTime();
          for (int i = 0; i < 1000; ++i) sink += System.nanoTime();
          return (System.nanoTime() - began) / 1000.0;
        });
  }

  /** A chain of multiplications: no compiler knows its result. */
  static void work(long turns) {
    if (turns == 0) return;
    long value = turns;
    for (long i = 0; i < turns; ++i) value = value * 0x5851f42d4c957f2dL + i;
    if (value == 42) sink = value;
  }

  /** Turns of {@code work} that take so long. */
  static long turnsFor(int nanoseconds) {
    if (nanoseconds == 0) return 0;
    final long probe = 1 << 20;
    double perNs =
        medianOf11(
            ignored -> {
              long began = System.nanoTime();
              work(probe);
              return probe / (double) (System.nanoTime() - began);
            });
    return Math.max(1, (long) (perNs * nanoseconds));
  }
}
