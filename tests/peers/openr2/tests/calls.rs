//! Calls both ways with libopenr2: numbers, answer, clearing, times.

use bearer::{Indication, Request};
use openr2_peer::Joined;
use units::{Cause, LegId};

const CALLED: &str = "95588";
const CALLING: &str = "13800138000";

/// Our name of each variant, and the library's.
const VARIANTS: [(&str, &str); 5] =
    [("itu", "ITU"), ("cn", "CN"), ("br", "BR"), ("mx", "MX"), ("ar", "AR")];

fn joined(ours: &str, theirs: &str, caller: bool) -> Joined {
    let mut config = r2_city::variant(ours, 5);
    config.wants.caller &= caller;
    let joined = Joined::new(config, theirs, CALLING.len(), CALLED.len());
    assert!(joined.is_idle(), "{ours}: {:?}", joined.peer);
    joined
}

#[test]
fn libopenr2_takes_our_calls_with_the_number_called_and_lets_them_be_answered_and_cleared() {
    for (ours, theirs) in VARIANTS {
        let mut joined = joined(ours, theirs, true);
        let begin = joined.now;
        joined.place(LegId(7), CALLED, CALLING);
        joined.pass(9000);
        let (at, offered) =
            joined.peer_said("offered").unwrap_or_else(|| panic!("{ours}: {:?}", joined.peer));
        println!("{ours}: {offered} after {:?}", at - begin);
        assert_eq!(offered, format!("offered {CALLED} {CALLING}"), "{ours}");
        let answered = Indication::Answered { leg: LegId(7) };
        assert!(joined.told.iter().any(|told| told.1 == answered), "{ours}: {:?}", joined.told);
        joined.ask(Request::Release { leg: LegId(7), cause: Cause::NORMAL_CLEARING });
        joined.pass(3000);
        assert!(
            joined.is_idle() && joined.peer_said("wrong").is_none(),
            "{ours}: {:?}",
            joined.peer
        );
    }
}

#[test]
fn calls_of_libopenr2_arrive_with_both_numbers_and_are_answered_and_cleared() {
    for (ours, theirs) in VARIANTS {
        // In China's variant the library takes A-1 behind the category for a request of the next
        // digit of the called number, not of the caller's: it must not be asked for that.
        let knows = ours != "cn";
        let mut joined = joined(ours, theirs, knows);
        let begin = joined.now;
        joined.peer_calls(CALLED, CALLING);
        joined.pass(9000);
        let offer = joined.told.iter().find_map(|(at, told)| match told {
            Indication::Offered { leg, calling, called, .. } => {
                Some((*at, *leg, called.to_string(), calling.number.to_string()))
            }
            _ => None,
        });
        let (at, leg, called, calling) =
            offer.unwrap_or_else(|| panic!("{ours}: {:?} {:?}", joined.told, joined.peer));
        println!("{ours}: {called} from {calling} after {:?}", at - begin);
        let wanted = if knows { CALLING } else { "" };
        assert_eq!((called.as_str(), calling.as_str()), (CALLED, wanted), "{ours}");
        joined.ask(Request::Answer { leg });
        joined.pass(3000);
        assert!(joined.peer_said("answered").is_some(), "{ours}: {:?}", joined.peer);
        joined.peer_hangs_up();
        joined.pass(3000);
        assert!(
            joined.is_idle() && joined.peer_said("wrong").is_none(),
            "{ours}: {:?}",
            joined.peer
        );
    }
}
