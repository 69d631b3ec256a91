package main

// A tree without a queue of its own: a goroutine for every child but the first, which is visited in place. The
// runtime's scheduler steals goroutines, and has no capacity.

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const shards = 64

type goroutineForest struct {
	job
	unfinished sync.WaitGroup
	counted    [shards]shard
	cores      int // before
}

// Counted by any goroutine; on a line of its own.
type shard struct {
	nodes, leaves, depth, content uint64
	_                             [32]byte
}

func newGoroutineForest(j job) forest {
	return &goroutineForest{job: j, cores: runtime.GOMAXPROCS(j.workers)}
}

func (f *goroutineForest) grow(root node) {
	f.unfinished.Add(1)
	f.visit(root)
	f.unfinished.Wait()
}

func (f *goroutineForest) close() { runtime.GOMAXPROCS(f.cores) }

func (f *goroutineForest) visited() (all tally, kept uint64) {
	for i := range f.counted {
		s := &f.counted[i]
		all.add(tally{s.nodes, s.leaves, s.depth, s.content})
	}
	return all, 0
}

func (f *goroutineForest) visit(next node) {
	defer f.unfinished.Done()
	into := &f.counted[next.place%shards]
	var own tally
	children := make([]node, 0, 10)
	for {
		if f.turns != 0 {
			work(f.turns)
		}
		children = f.rule.expand(&next, children[:0])
		own.enter(&next, len(children) == 0)
		if len(children) == 0 {
			break
		}
		f.unfinished.Add(len(children) - 1)
		for _, child := range children[1:] {
			go f.visit(child)
		}
		next = children[0]
	}
	into.add(own)
}

func (s *shard) add(t tally) {
	atomic.AddUint64(&s.nodes, t.nodes)
	atomic.AddUint64(&s.leaves, t.leaves)
	atomic.AddUint64(&s.content, t.content)
	for {
		depth := atomic.LoadUint64(&s.depth)
		if depth >= t.depth || atomic.CompareAndSwapUint64(&s.depth, depth, t.depth) {
			return
		}
	}
}
