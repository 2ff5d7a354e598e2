//! The committed corpus, and as many mutations of it as a test run has time for, the same on each run.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{TARGETS, seeds};
use crate::testing::damage::Random;

/// Set to anything, the corpus is written anew: `QUESTLOG_SEEDS=write cargo test -p questlog-core corpus`.
const WRITE: &str = "QUESTLOG_SEEDS";
/// All seeds of all targets.
const CORPUS_BYTES_MAX: usize = 512 << 10;
/// Mutations a target; whole files take longest and have a test with more mutations of their own.
const MUTATIONS: [(&str, usize); 7] = [
    ("footer", 1_000),
    ("page", 8_000),
    ("decoder", 20_000),
    ("filter", 3_000),
    ("partial", 3_000),
    ("file", 150),
    ("event", 5_000),
];
/// No input takes longer, in a debug build on a busy machine.
const SLOW: Duration = Duration::from_secs(10);

#[test]
fn the_corpus_and_its_mutations_do_no_harm() {
    let mut bytes = 0;
    for ((name, target), (_, mutations)) in TARGETS.into_iter().zip(MUTATIONS) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz/corpus")
            .join(name);
        if std::env::var_os(WRITE).is_some() {
            seeds::write(name, &folder);
        }
        let mut files: Vec<PathBuf> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        bytes += seeds.iter().map(Vec::len).sum::<usize>();
        for (seed, file) in seeds.iter().zip(&files) {
            try_it(name, target, seed, &file.display().to_string());
        }
        let mut random = Random(mutations as u64);
        for round in 0..mutations {
            let input = mutate(&seeds, &mut random);
            try_it(name, target, &input, &format!("mutation {round}"));
        }
    }
    assert!(bytes < CORPUS_BYTES_MAX, "the corpus has {bytes} bytes");
}

fn try_it(name: &str, target: fn(&[u8]), input: &[u8], which: &str) {
    let start = Instant::now();
    let fine = catch_unwind(AssertUnwindSafe(|| target(input))).is_ok();
    assert!(
        fine,
        "{name}: {which} panics: {:02x?}",
        &input[..input.len().min(4096)]
    );
    assert!(
        start.elapsed() < SLOW,
        "{name}: {which} takes {:?}",
        start.elapsed()
    );
}

/// One of the seeds with a few small changes, or with a part of another in it.
fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(9)).min(input.len());
        match random.below(8) {
            0 => input.insert(at, random.below(256) as u8),
            1 => drop(input.drain(at..end)),
            2 => input.truncate(at),
            3 => input[at..end].fill(0xff),
            4 => input[at..end].fill(0),
            5 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(40)).min(other.len());
                input.splice(at..end, other[from..to].iter().copied());
            }
            choice => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = match choice {
                        6 => *byte ^ 1 << random.below(8),
                        _ => random.below(256) as u8,
                    };
                }
            }
        }
    }
    input
}
