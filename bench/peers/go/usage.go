package main

// Resources that the process used in a window, as columns of samples.csv; busy work.

import (
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type usage struct {
	began   syscall.Rusage
	stolenS float64
}

func startUsage() usage { return usage{ownUsage(), stolenSeconds()} }

func (u usage) row() reply {
	now := ownUsage()
	return reply{
		"cpu_user_s":           seconds(now.Utime) - seconds(u.began.Utime),
		"cpu_system_s":         seconds(now.Stime) - seconds(u.began.Stime),
		"switches_voluntary":   now.Nvcsw - u.began.Nvcsw,
		"switches_involuntary": now.Nivcsw - u.began.Nivcsw,
		"steal_s":              stolenSeconds() - u.stolenS,
		"peak_rss_bytes":       now.Maxrss * 1024,
	}
}

func ownUsage() (used syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return used
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)*1e-6 }

// Time that the hypervisor took from the machine; 0 if the kernel does not say.
func stolenSeconds() float64 {
	const ticksPerSecond = 100
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	words := strings.Fields(strings.SplitN(string(text), "\n", 2)[0])
	if len(words) < 9 {
		return 0
	}
	ticks, _ := strconv.ParseFloat(words[8], 64)
	return ticks / ticksPerSecond
}

func median(values []float64) float64 {
	sorted := append([]float64(nil), values...)
	sort.Float64s(sorted)
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Nanoseconds per reading of the clock, including the loop around it.
func clockCost() float64 {
	var costs []float64
	for i := 0; i < 11; i++ {
		began := time.Now()
		for j := 0; j < 1000; j++ {
			time.Now()
		}
		costs = append(costs, float64(time.Since(began).Nanoseconds())/1000)
	}
	return median(costs)
}

//go:noinline
func work(turns int) {
	for i := 0; i < turns; i++ {
	}
}

// Turns of work() that take so long.
func turnsFor(nanoseconds int) int {
	if nanoseconds == 0 {
		return 0
	}
	const probe = 1 << 20
	var rates []float64
	for i := 0; i < 11; i++ {
		began := time.Now()
		work(probe)
		rates = append(rates, probe/float64(time.Since(began).Nanoseconds()))
	}
	return int(median(rates) * float64(nanoseconds))
}
