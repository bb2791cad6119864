//! The other law on a line of recorded speech.

use engine::{Command, Engine, Notice, Sound};
use sound::detect::material;
use units::media::BLOCK_SAMPLES;
use units::{Law, PortId};

/// Seconds of speech as a port of A-law sees them, coded by `law`.
fn seconds(prompts: &[Vec<i16>], law: Law, db: f64) -> Vec<Sound> {
    let mut engine = Engine::new(&[Law::A, Law::A]);
    engine.command(Command::Join(PortId(0), PortId(1)));
    engine.command(Command::Watch(Some(PortId(0))));
    let (mut told, mut louder) = (vec![], vec![]);
    for prompt in prompts {
        louder.clear();
        material::shifted(prompt, 1.0, db, &mut louder);
        for block in louder.as_chunks::<BLOCK_SAMPLES>().0 {
            let mut came = [0; BLOCK_SAMPLES];
            g711::encode_block(law, block, &mut came);
            let idle = [Law::A.idle(); BLOCK_SAMPLES];
            engine.tick(&[came, idle], &mut [idle; 2]);
            let notices = std::iter::from_fn(|| engine.poll_notice());
            told.extend(notices.filter_map(|notice| match notice {
                Notice::Sound(_, sound) => Some(sound),
                _ => None,
            }));
        }
    }
    told
}

#[test]
fn the_other_law_is_told_of_recorded_speech_and_hardly_ever_of_the_right_one() {
    let files = material::files(material::PROMPTS);
    let continuous = std::env::var_os("CI").is_some();
    assert!(!continuous || !files.is_empty(), "{} is empty", material::PROMPTS);
    let prompts: Vec<_> = files.iter().step_by(9).filter_map(|path| material::read(path)).collect();
    for db in [-20.0, -6.0, 6.0] {
        let count = |law| {
            let told = seconds(&prompts, law, db);
            (told.iter().filter(|sound| sound.other_law).count(), told.len())
        };
        let ((right, all), (wrong, of)) = (count(Law::A), count(Law::Mu));
        assert!(right * 500 <= all, "{db} dB: {right} of {all} s of the right law");
        assert!(wrong * 100 >= of * 85, "{db} dB: {wrong} of {of} s of the other");
    }
}
