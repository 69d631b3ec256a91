//! Items through tokio's bounded channel, between tasks on its threads. It has one receiver.

use crate::protocol::Failure;
use crate::stream::{Job, Lane, Receipts, Window};
use crate::usage::Usage;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{channel, Receiver, Sender};
use tokio::sync::Barrier;

pub const LANE: Lane = Lane { keeps_order, run };

pub fn refuses(consumers: usize) -> Option<Failure> {
    let sentence = || format!("tokio's mpsc channel has one receiver, not {consumers}");
    (consumers != 1).then(|| Failure::Skipped(sentence()))
}

fn keeps_order(job: &Job, some: u64) -> bool {
    let (sender, mut receiver) = channel(job.capacity);
    (0..some).for_each(|number| sender.try_send(number).expect("there is room"));
    (0..some).all(|number| receiver.try_recv() == Ok(number))
}

fn run(job: &Job) -> Window {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(job.producers + 1);
    let runtime = Builder::new_multi_thread().worker_threads(threads).build().expect("there are threads");
    let (sender, receiver) = channel(job.capacity);
    let start = Arc::new(Barrier::new(job.producers + 2));
    for producer in 0..job.producers {
        runtime.spawn(produce(*job, producer, sender.clone(), start.clone()));
    }
    let consumer = runtime.spawn(consume(*job, receiver, start.clone()));
    drop(sender);
    let used = Usage::start();
    let began = Instant::now();
    runtime.block_on(start.wait());
    let received = vec![runtime.block_on(consumer).expect("no panic")];
    Window { began, used: used.row(), received }
}

async fn produce(job: Job, producer: usize, into: Sender<u64>, start: Arc<Barrier>) {
    start.wait().await;
    for item in job.items(producer) {
        into.send(item).await.expect("the consumer is there");
    }
}

async fn consume(job: Job, mut from: Receiver<u64>, start: Arc<Barrier>) -> Receipts {
    start.wait().await;
    let mut got = job.receipts();
    while let Some(item) = from.recv().await {
        got.accept(item);
    }
    got.ended()
}
