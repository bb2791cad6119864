//! Calls over a whole span: bits, tones, numbers, times.

use bearer::{Indication, Request};
use r2_city::{BOX, CITY, World, measure, variant};
use units::{Cause, LegId, Party};

#[test]
fn five_digits_called_and_eleven_calling_arrive_exactly_in_cycles_of_95_ms_at_most() {
    for name in ["itu", "cn", "br", "mx", "ar"] {
        for calls in [1, 30] {
            let figures = measure(name, calls);
            println!("{name}, {calls}: {figures:?}");
            assert!(figures.exact, "{name}, {calls}: {figures:?}");
            assert!(figures.cycle_ms_max <= 95, "{name}, {calls}: {figures:?}");
            assert!(figures.register_ms <= 2000, "{name}, {calls}: {figures:?}");
        }
    }
}

#[test]
fn a_call_over_tones_and_bits_is_offered_answered_and_cleared_and_leaves_nothing() {
    for name in ["itu", "cn", "br", "mx", "ar"] {
        let mut world = World::new(&variant(name, 5));
        world.place(CITY, 7, "95588", "13800138000");
        world.pass(3000);
        let offers = world.offers(BOX);
        let leg = offers.first().unwrap_or_else(|| panic!("{name}: no offer")).1;
        world.ask(BOX, Request::Answer { leg });
        world.pass(400);
        let answered = Indication::Answered { leg: LegId(7) };
        assert_eq!(world.ends[CITY].told.last().map(|t| &t.1), Some(&answered), "{name}");
        let cause = Cause::NORMAL_CLEARING;
        world.ask(CITY, Request::Release { leg: LegId(7), cause });
        world.pass(1000);
        let cleared = Indication::Released { leg, cause, by: Party::Caller };
        assert_eq!(world.ends[BOX].told.last().map(|t| &t.1), Some(&cleared), "{name}");
        for end in &world.ends {
            let usage = end.line.usage();
            assert_eq!((usage.busy, usage.blocked), (0, 0), "{name}");
        }
    }
}

#[test]
fn a_call_from_the_box_is_refused_busy_with_its_cause() {
    let mut world = World::new(&variant("cn", 5));
    world.place(BOX, 7, "95588", "13800138000");
    world.pass(3000);
    let leg = world.offers(CITY)[0].1;
    world.ask(CITY, Request::Release { leg, cause: Cause::USER_BUSY });
    world.pass(1000);
    let (cause, by) = (Cause::USER_BUSY, Party::Called);
    let refused = Indication::Released { leg: LegId(7), cause, by };
    assert_eq!(world.ends[BOX].told.last().map(|t| &t.1), Some(&refused));
}
