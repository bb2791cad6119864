//! The echo of simulated rooms.

use sound::room::{Canceller, ROOMS, Scene, figures};

#[test]
fn the_echo_of_rooms_goes_and_who_speaks_there_is_heard() {
    for shape in [ROOMS[0], ROOMS[2]] {
        let scene = Scene::new(&shape).expect("espeak-ng");
        let with = |make: fn() -> Result<Canceller, String>| {
            figures(&scene, &scene.through(&mut make().expect("it starts")))
        };
        let none = with(|| Ok(Canceller::Nothing));
        // Nothing is taken away, and the near end is there as it was said.
        assert!(none.erle.abs() < 1.0 && none.near_level.abs() < 1.0, "{}: {none:?}", shape.name);
        let (ours, speex) = (with(Canceller::ours), with(Canceller::speex));
        let told = format!("{}: {ours:?}", shape.name);
        assert!(ours.erle > 28.0 && ours.after > 28.0, "{told}");
        assert!(ours.ms_to_20 < 1000.0 && ours.near_level > -3.0, "{told}");
        assert!(ours.erle > speex.erle, "{told}, speexdsp {:.1} dB", speex.erle);
    }
}
