//! Items through crossbeam's bounded channel, between threads.

use crate::stream::{Job, Lane, Receipts, Window};
use crate::usage::Usage;
use crossbeam_channel::{bounded, Receiver, Sender};
use std::sync::Barrier;
use std::time::Instant;

pub const LANE: Lane = Lane { keeps_order, run };

fn keeps_order(job: &Job, some: u64) -> bool {
    let (sender, receiver) = bounded(job.capacity);
    (0..some).for_each(|number| sender.send(number).expect("the receiver is there"));
    (0..some).all(|number| receiver.recv() == Ok(number))
}

fn run(job: &Job) -> Window {
    let (sender, receiver) = bounded(job.capacity);
    let start = Barrier::new(job.producers + job.consumers + 1);
    std::thread::scope(|scope| {
        for producer in 0..job.producers {
            let (own, start) = (sender.clone(), &start);
            scope.spawn(move || {
                start.wait();
                produce(job, producer, &own)
            });
        }
        let consumers: Vec<_> = (0..job.consumers)
            .map(|_| {
                let (own, start) = (receiver.clone(), &start);
                scope.spawn(move || {
                    start.wait();
                    consume(job, &own)
                })
            })
            .collect();
        drop(sender);
        let used = Usage::start();
        let began = Instant::now();
        start.wait();
        let received = consumers.into_iter().map(|each| each.join().expect("no panic")).collect();
        Window { began, used: used.row(), received }
    })
}

fn produce(job: &Job, producer: usize, channel: &Sender<u64>) {
    for item in job.items(producer) {
        channel.send(item).expect("a consumer is there");
    }
}

fn consume(job: &Job, channel: &Receiver<u64>) -> Receipts {
    let mut got = job.receipts();
    while let Ok(item) = channel.recv() {
        got.accept(item);
    }
    got.ended()
}
