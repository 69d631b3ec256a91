//! A tree through crossbeam's channel: every worker receives nodes and sends their children.

use crate::rules::{Node, Tally};
use crate::tree::{Forest, Job};
use crate::usage::work;
use crossbeam_channel::{bounded, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// What the workers and the one who waits share.
struct Shared {
    job: Job,
    /// Nodes that were sent and are not done.
    unfinished: AtomicUsize,
    /// What was visited since the last tree, and how much of it found the channel full.
    visited: Mutex<(Tally, u64)>,
    is_over: Condvar,
}

struct ChannelForest {
    shared: Arc<Shared>,
    sender: Option<Sender<Option<Node>>>,
    workers: Vec<JoinHandle<()>>,
}

pub fn open(job: &Job) -> Box<dyn Forest> {
    let (sender, receiver) = bounded(job.capacity);
    let visited = Mutex::new((Tally::default(), 0));
    let shared =
        Arc::new(Shared { job: job.clone(), unfinished: AtomicUsize::new(0), visited, is_over: Condvar::new() });
    let workers = (0..job.workers)
        .map(|_| {
            let (shared, sender, receiver) = (shared.clone(), sender.clone(), receiver.clone());
            std::thread::spawn(move || Worker { shared: &shared, sender, left: vec![], kept: 0 }.run(&receiver))
        })
        .collect();
    Box::new(ChannelForest { shared, sender: Some(sender), workers })
}

impl Forest for ChannelForest {
    fn grow(&mut self, root: Node) -> (Tally, u64) {
        // Only the workers change it from now on, after they have received the root.
        self.shared.unfinished.store(1, Ordering::Relaxed);
        let sender = self.sender.as_ref().expect("there until the end");
        sender.send(Some(root)).expect("the workers are there");
        let mut visited = self.shared.visited.lock().expect("no panic");
        // The last worker counts its nodes as done under the lock.
        while self.shared.unfinished.load(Ordering::Acquire) != 0 {
            visited = self.shared.is_over.wait(visited).expect("no panic");
        }
        std::mem::take(&mut *visited)
    }
}

impl Drop for ChannelForest {
    /// A worker holds a sender, so that the channel never closes: each is sent an end marker.
    fn drop(&mut self) {
        let sender = self.sender.take().expect("there until the end");
        for _ in &self.workers {
            sender.send(None).expect("the workers are there");
        }
        for worker in self.workers.drain(..) {
            worker.join().expect("no panic");
        }
    }
}

struct Worker<'a> {
    shared: &'a Shared,
    sender: Sender<Option<Node>>,
    left: Vec<Node>,
    kept: u64,
}

impl Worker<'_> {
    /// Until the marker comes. What was visited is reported before the worker waits: always before the tree's end.
    fn run(&mut self, receiver: &Receiver<Option<Node>>) {
        let mut tally = Tally::default();
        let mut done = 0;
        loop {
            let received = receiver.try_recv().or_else(|_| {
                self.report(&mut tally, &mut done);
                receiver.recv()
            });
            match received {
                Ok(Some(node)) => self.expand(node, &mut tally),
                _ => return,
            }
            done += 1;
        }
    }

    fn report(&mut self, tally: &mut Tally, done: &mut usize) {
        if *done == 0 {
            return;
        }
        let mut visited = self.shared.visited.lock().expect("no panic");
        visited.0 = visited.0.and(std::mem::take(tally));
        visited.1 += std::mem::take(&mut self.kept);
        let done = std::mem::take(done);
        if self.shared.unfinished.fetch_sub(done, Ordering::AcqRel) == done {
            self.shared.is_over.notify_one();
        }
    }

    /// Visits a node, and those of its descendants that find the channel full.
    fn expand(&mut self, received: Node, tally: &mut Tally) {
        let mut visited = 0;
        self.left.push(received);
        while let Some(node) = self.left.pop() {
            if self.shared.job.turns != 0 {
                work(self.shared.job.turns);
            }
            let first = self.left.len();
            self.shared.job.rule.expand(&node, &mut self.left);
            tally.enter(&node, self.left.len() == first);
            visited += 1;
            self.offer(first);
        }
        self.kept += visited - 1; // the first one was not kept
    }

    /// Sends the nodes from `first` on, the last one first, until the channel is full: the others stay. A worker that
    /// waited for room would wait for itself.
    fn offer(&mut self, first: usize) {
        let offered = self.left.len() - first;
        if offered == 0 {
            return;
        }
        // Before they can be received. The node that they come from is not done: never from or to 0.
        self.shared.unfinished.fetch_add(offered, Ordering::Relaxed);
        while self.left.len() > first && self.sender.try_send(self.left.last().copied()).is_ok() {
            self.left.pop();
        }
        self.shared.unfinished.fetch_sub(self.left.len() - first, Ordering::Relaxed);
    }
}
