//! Resources that the process used in a window, as columns of samples.csv; busy work.

use crate::protocol::{row, Row};
use serde_json::json;
use std::time::Instant;

pub struct Usage {
    began: libc::rusage,
    stolen_s: f64,
}

impl Usage {
    pub fn start() -> Usage {
        Usage { began: own(), stolen_s: stolen_seconds() }
    }

    pub fn row(&self) -> Row {
        let (now, then) = (own(), &self.began);
        row(&[
            ("cpu_user_s", json!(seconds(now.ru_utime) - seconds(then.ru_utime))),
            ("cpu_system_s", json!(seconds(now.ru_stime) - seconds(then.ru_stime))),
            ("switches_voluntary", json!(now.ru_nvcsw - then.ru_nvcsw)),
            ("switches_involuntary", json!(now.ru_nivcsw - then.ru_nivcsw)),
            ("steal_s", json!(stolen_seconds() - self.stolen_s)),
            ("peak_rss_bytes", json!(now.ru_maxrss * 1024)),
        ])
    }
}

pub fn cpu_seconds(of: &Row) -> f64 {
    ["cpu_user_s", "cpu_system_s"].iter().map(|name| of[*name].as_f64().unwrap_or(0.0)).sum()
}

fn own() -> libc::rusage {
    // SAFETY: the call fills the whole structure, for which zeros are a value.
    unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut used);
        used
    }
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 * 1e-6
}

/// Time that the hypervisor took from the machine; 0 if the kernel does not say.
fn stolen_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks = text.lines().next().and_then(|line| line.split_whitespace().nth(8)?.parse::<f64>().ok());
    ticks.unwrap_or(0.0) / TICKS_PER_SECOND
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

pub fn elapsed_ns(since: Instant) -> f64 {
    since.elapsed().as_nanos() as f64
}

/// Nanoseconds per reading of the clock, including the loop around it.
pub fn clock_cost() -> f64 {
    let one = || {
        let began = Instant::now();
        for _ in 0..1000 {
            let _ = Instant::now();
        }
        elapsed_ns(began) / 1000.0
    };
    median(&(0..11).map(|_| one()).collect::<Vec<_>>())
}

pub fn work(turns: u64) {
    for turn in 0..turns {
        // SAFETY: no instruction at all; it keeps the loop from being left out.
        unsafe { std::arch::asm!("/* {0} */", in(reg) turn, options(nomem, nostack, preserves_flags)) }
    }
}

/// Turns of `work` that take so long.
pub fn turns_for(nanoseconds: u64) -> u64 {
    const PROBE: u64 = 1 << 20;
    if nanoseconds == 0 {
        return 0;
    }
    let one = || {
        let began = Instant::now();
        work(PROBE);
        PROBE as f64 / elapsed_ns(began)
    };
    (median(&(0..11).map(|_| one()).collect::<Vec<_>>()) * nanoseconds as f64) as u64
}
