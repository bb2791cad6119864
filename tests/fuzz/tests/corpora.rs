//! Every target with its corpus, and with octets made of it.
#![expect(clippy::expect_used, reason = "a test")]

use std::path::Path;

use fuzz::{Mutator, TARGETS, Target};

/// Mutations of each target.
const MUTATIONS: u64 = 3000;

fn replayed(target: &Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .expect("a corpus")
        .map(|file| file.expect("a file").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 12, "{}: a corpus of {}", target.name, paths.len());
    let mut pool = (target.seeds)();
    pool.extend(paths.iter().map(|path| std::fs::read(path).expect("readable")));
    for octets in &pool {
        (target.run)(octets);
    }
    let mut mutator = Mutator::new(1, pool, target.longest);
    for _ in 0..MUTATIONS {
        (target.run)(&mutator.mutation());
    }
}

#[test]
fn every_corpus_and_what_is_made_of_it_holds_all_properties() {
    let threads: Vec<_> = TARGETS
        .iter()
        .map(|target| (target.name, std::thread::spawn(|| replayed(target))))
        .collect();
    let failed: Vec<_> =
        threads.into_iter().filter_map(|(name, t)| t.join().err().map(|_| name)).collect();
    assert!(failed.is_empty(), "{failed:?}: the text above says where");
}
