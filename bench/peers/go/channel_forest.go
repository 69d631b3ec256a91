package main

// A tree through a channel: every worker receives nodes and sends their children.

import "sync"

type channelForest struct {
	job
	nodes      chan node
	unfinished sync.WaitGroup // nodes that were sent and are not done
	workers    []channelWorker
	running    sync.WaitGroup
}

type channelWorker struct {
	*channelForest
	tally tally
	kept  uint64 // nodes that found the channel full
	left  []node
	_     [64]byte
}

func newChannelForest(j job) forest {
	f := &channelForest{job: j, nodes: make(chan node, j.capacity), workers: make([]channelWorker, j.workers)}
	f.running.Add(j.workers)
	for i := range f.workers {
		f.workers[i].channelForest = f
		go f.workers[i].run()
	}
	return f
}

func (f *channelForest) grow(root node) {
	f.unfinished.Add(1)
	f.nodes <- root
	f.unfinished.Wait()
}

func (f *channelForest) visited() (all tally, kept uint64) {
	for i := range f.workers {
		all.add(f.workers[i].tally)
		kept += f.workers[i].kept
	}
	return all, kept
}

func (f *channelForest) close() {
	close(f.nodes)
	f.running.Wait()
}

func (w *channelWorker) run() {
	defer w.running.Done()
	for received := range w.nodes {
		w.expand(received)
		w.unfinished.Done()
	}
}

// Visits a node, and those of its descendants that find the channel full.
func (w *channelWorker) expand(received node) {
	w.left = append(w.left, received)
	w.kept-- // the first one was not kept
	for len(w.left) > 0 {
		next := w.left[len(w.left)-1]
		w.left = w.left[:len(w.left)-1]
		if w.turns != 0 {
			work(w.turns)
		}
		first := len(w.left)
		w.left = w.rule.expand(&next, w.left)
		w.tally.enter(&next, len(w.left) == first)
		w.kept++
		w.offer(first)
	}
}

// Sends the nodes from `first` on, the last one first, until the channel is full: the others stay. A worker that
// waited for room would wait for itself.
func (w *channelWorker) offer(first int) {
	if len(w.left) == first {
		return
	}
	w.unfinished.Add(len(w.left) - first)
	for len(w.left) > first {
		select {
		case w.nodes <- w.left[len(w.left)-1]:
			w.left = w.left[:len(w.left)-1]
		default:
			w.unfinished.Add(first - len(w.left)) // not the last: the node that was received is not done
			return
		}
	}
}
