package main

// tree: workers expand a tree until nothing is left of it.

import (
	"fmt"
	"runtime"
	"time"
)

// What one way of growing trees is told.
type job struct {
	rule              rule
	turns             int
	workers, capacity int
}

// Workers that wait for a tree.
type forest interface {
	// Grows the whole tree and returns when nothing is left of it.
	grow(root node)
	// All that was visited since the start, and how much of it found the queue full.
	visited() (tally, uint64)
	// Ends the workers.
	close()
}

type treeSession struct {
	cell
	job
	known, expected tally
	open            func(job) forest
	clockNs         float64
}

func openTreeOn(open func(job) forest) func(cell) (func() (reply, error), error) {
	return func(c cell) (func() (reply, error), error) {
		if c.itemBytes != "32" {
			return nil, skipped(fmt.Sprintf("the peer does not know item_bytes '%s'", c.itemBytes))
		}
		grown, known, err := treeNamed(c.tree)
		if err != nil {
			return nil, err
		}
		s := &treeSession{cell: c, known: known, open: open, clockNs: clockCost(),
			job: job{grown, turnsFor(c.workConsumerNs), c.consumers, c.capacity}}
		return s.sample, s.warmUp()
	}
}

// A tree that lasts longer than a sample warms everything up while it is measured.
func (s *treeSession) warmUp() error {
	began := time.Now()
	s.expected = s.walk()
	if err := difference(s.expected, tally{s.known.nodes, s.known.leaves, s.known.depth, s.expected.content}); err != nil {
		return err
	}
	if s.lasted(began, 1) {
		return nil
	}
	f := s.open(s.job)
	defer f.close()
	f.grow(s.rule.root())
	visited, _ := f.visited()
	return difference(visited, s.expected)
}

// Whether so many sample lengths have passed.
func (s *treeSession) lasted(began time.Time, lengths float64) bool {
	return time.Since(began).Seconds() >= s.sampleMs*1e-3*lengths
}

// Visits every node in this goroutine, without a queue.
func (s *treeSession) walk() (visited tally) {
	left := []node{s.rule.root()}
	for len(left) > 0 {
		next := left[len(left)-1]
		left = left[:len(left)-1]
		if s.turns != 0 {
			work(s.turns)
		}
		others := len(left)
		left = s.rule.expand(&next, left)
		visited.enter(&next, len(left) == others)
	}
	return visited
}

func (s *treeSession) serialNs() float64 {
	var lengths []float64
	for began := time.Now(); len(lengths) == 0 || !s.lasted(began, 0.5); {
		start := time.Now()
		s.expected = s.walk()
		lengths = append(lengths, float64(time.Since(start).Nanoseconds()))
	}
	return median(lengths)
}

func (s *treeSession) sample() (reply, error) {
	serial := s.serialNs()
	runtime.GC() // what the walks left behind
	f := s.open(s.job)
	defer f.close()
	var rounds []float64
	var before tally
	var kept uint64
	used, began := startUsage(), time.Now()
	for len(rounds) == 0 || !s.lasted(began, 1) {
		start := time.Now()
		f.grow(s.rule.root())
		rounds = append(rounds, float64(time.Since(start).Nanoseconds()))
		var all tally
		all, kept = f.visited()
		round := tally{all.nodes - before.nodes, all.leaves - before.leaves, all.depth, all.content - before.content}
		if err := difference(round, s.expected); err != nil {
			return nil, corrupt("when join returned, " + err.Error())
		}
		before = all
	}
	return s.row(used.row(), serial, rounds, kept), nil
}

func (s *treeSession) row(row reply, serial float64, rounds []float64, kept uint64) reply {
	total := 0.0
	for _, length := range rounds {
		total += length
	}
	nodes := float64(s.expected.nodes)
	cores := s.workers
	if cores > runtime.NumCPU() {
		cores = runtime.NumCPU()
	}
	busy := (row["cpu_user_s"].(float64) + row["cpu_system_s"].(float64)) / (total * 1e-9 * float64(cores))
	if busy > 1 {
		busy = 1
	}
	items := s.expected.nodes * uint64(len(rounds))
	row["status"], row["items"], row["seconds"], row["clock_ns"] = "ok", items, total*1e-9, s.clockNs
	row["node_ns"], row["serial_node_ns"] = median(rounds)/nodes, serial/nodes
	row["speed_up"], row["idle_share"] = serial/median(rounds), 1-busy
	row["kept_share"] = float64(kept) / float64(items)
	return row
}

func difference(visited, expected tally) error {
	for _, count := range []struct {
		what            string
		found, expected uint64
	}{{"nodes", visited.nodes, expected.nodes}, {"leaves", visited.leaves, expected.leaves},
		{"levels", visited.depth, expected.depth}} {
		if count.found != count.expected {
			return corrupt(fmt.Sprintf("%d %s were visited of a tree that has %d", count.found, count.what, count.expected))
		}
	}
	if visited.content != expected.content {
		return corrupt("as many nodes were visited as the tree has, but not the same ones")
	}
	return nil
}
