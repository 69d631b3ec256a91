//! A tree through crossbeam's channel: every worker receives nodes and sends their children.

use crate::rules::{Node, Tally};
use crate::tree::{Forest, Job};
use crate::unfinished::{Report, Unfinished};
use crate::usage::work;
use crossbeam_channel::{bounded, Receiver, Sender};
use std::sync::Arc;
use std::thread::JoinHandle;

struct ChannelForest {
    unfinished: Arc<Unfinished>,
    sender: Option<Sender<Option<Node>>>,
    workers: Vec<JoinHandle<()>>,
}

pub fn open(job: &Job) -> Box<dyn Forest> {
    let (sender, receiver) = bounded(job.capacity);
    let unfinished = Arc::new(Unfinished::default());
    let workers = (0..job.workers)
        .map(|_| {
            let (job, unfinished, sender, receiver) =
                (job.clone(), unfinished.clone(), sender.clone(), receiver.clone());
            std::thread::spawn(move || {
                Worker { job, unfinished, sender, left: vec![], report: Report::default() }.run(&receiver)
            })
        })
        .collect();
    Box::new(ChannelForest { unfinished, sender: Some(sender), workers })
}

impl Forest for ChannelForest {
    fn grow(&mut self, root: Node) -> (Tally, u64) {
        self.unfinished.add(1);
        let sender = self.sender.as_ref().expect("there until the end");
        sender.send(Some(root)).expect("the workers are there");
        self.unfinished.wait()
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

struct Worker {
    job: Job,
    unfinished: Arc<Unfinished>,
    sender: Sender<Option<Node>>,
    left: Vec<Node>,
    report: Report,
}

impl Worker {
    /// Until the marker comes.
    fn run(&mut self, receiver: &Receiver<Option<Node>>) {
        loop {
            let received = receiver.try_recv().or_else(|_| {
                self.unfinished.report(&mut self.report);
                receiver.recv()
            });
            match received {
                Ok(Some(node)) => self.expand(node),
                _ => return,
            }
            self.report.done += 1;
        }
    }

    /// Visits a node, and those of its descendants that find the channel full.
    fn expand(&mut self, received: Node) {
        let mut visited = 0;
        self.left.push(received);
        while let Some(node) = self.left.pop() {
            if self.job.turns != 0 {
                work(self.job.turns);
            }
            let first = self.left.len();
            self.job.rule.expand(&node, &mut self.left);
            self.report.visited.enter(&node, self.left.len() == first);
            visited += 1;
            self.offer(first);
        }
        self.report.kept += visited - 1; // the first one was not kept
    }

    /// Sends the nodes from `first` on, the last one first, until the channel is full: the others stay. A worker that
    /// waited for room would wait for itself.
    fn offer(&mut self, first: usize) {
        let offered = self.left.len() - first;
        if offered == 0 {
            return;
        }
        self.unfinished.add(offered);
        while self.left.len() > first && self.sender.try_send(self.left.last().copied()).is_ok() {
            self.left.pop();
        }
        self.unfinished.take_back(self.left.len() - first);
    }
}
