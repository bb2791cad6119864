//! Two of them, joined.

use super::*;

/// Passes frames between the two until `done`, 2 ms at a time, for a minute at most.
fn run(
    pair: &mut [Pri; 2],
    now: &mut u64,
    mut done: impl FnMut(usize, &mut Pri, &PriEvent) -> bool,
) {
    for _ in 0..30_000 {
        *now += 2000;
        set_time_us(*now);
        let mut finished = false;
        for side in 0..2 {
            pair[side].run();
            while let Some(frame) = pair[side].poll_frame(0) {
                pair[1 - side].receive(0, &frame);
            }
            while let Some(event) = pair[side].poll_event() {
                finished |= done(side, &mut pair[side], &event);
            }
        }
        if finished {
            return;
        }
    }
    panic!("a minute without what was waited for");
}

#[test]
fn two_of_them_place_a_call_and_clear_it_in_no_real_time() {
    let timers = Timers { t309_ms: Some(90_000), ..Timers::default() };
    let mut pair =
        [Side::Network, Side::User].map(|side| Pri::new(side, false, 0, timers, false).unwrap());
    let mut now = 0;
    run(&mut pair, &mut now, |side, _, event| side == 0 && *event == PriEvent::Up);
    let placed = pair[0].call(3, "01088886666", "95588", "hello", "").unwrap();
    let mut numbers = (String::new(), String::new());
    run(&mut pair, &mut now, |side, pri, event| {
        if let PriEvent::Setup { call, channel, calling, called, user, .. } = event {
            assert_eq!(user, "hello");
            assert_eq!((side, *channel), (1, Some(3)));
            numbers = (calling.clone(), called.clone());
            pri.proceeding(*call, 3);
            pri.alerting(*call, 3);
            pri.answer(*call, 3);
        }
        *event == PriEvent::Connect(placed)
    });
    assert_eq!(numbers, ("01088886666".to_owned(), "95588".to_owned()));
    pair[0].hang_up(placed, 16);
    run(&mut pair, &mut now, |side, pri, event| match event {
        PriEvent::Disconnect(call, cause) => {
            assert_eq!((side, *cause), (1, 16));
            pri.hang_up(*call, 16);
            false
        }
        PriEvent::Released(call, _) => {
            pri.hang_up(*call, 16);
            side == 0
        }
        _ => false,
    });
}
