//! One call of Q.931, and the restart machine of an interface, through scripts.

use q931::wire::CallReference;
use q931::{Alone, Call, Config, Input, Interface, InterfaceInput, Output, Role};

use crate::beside::drive;
use crate::q931_values::{CLASSES, channel, message, params, request};
use crate::script::Script;

fn config(script: &mut Script<'_>) -> Config {
    Config::new(script.pick(&[Role::User, Role::Network]))
}

/// A call hears anything; restored from its snapshot it says the same. All that it sends can be
/// read.
pub fn q931_call(data: &[u8]) {
    let mut script = Script::new(data);
    let config = config(&mut script);
    let call = if script.flag() {
        Call::outgoing(config, 7)
    } else {
        Call::incoming(config, CallReference::new(7))
    };
    drive(Alone::from(call), &mut script, |call, op, script, said| {
        for output in said {
            if let Output::Transmit(octets) = output {
                let sent = q931::wire::Received::parse(&octets).expect("it can be read");
                assert!(sent.invalid.is_empty() && sent.not_comprehended.is_empty(), "{sent:?}");
                assert_eq!(sent.message.reference, call.reference());
            }
        }
        let mut reference = call.reference().answered();
        reference.flag ^= op == 40;
        match op {
            0..=7 if !call.is_alive() => Input::Setup(params(script)),
            0..=39 => request(script),
            _ => message(script, reference).map_or(Input::Enquire, Input::Message),
        }
    });
}

/// The same for RESTART.
pub fn q931_interface(data: &[u8]) {
    let mut script = Script::new(data);
    let interface = Interface::new(config(&mut script));
    drive(interface, &mut script, |_, op, script, _| match op {
        0..=19 => {
            InterfaceInput::Restart { class: script.pick(&CLASSES), channel: channel(script) }
        }
        20..=29 => InterfaceInput::Idle,
        30..=35 => InterfaceInput::LinkDown,
        _ => {
            let reference = CallReference { flag: script.flag(), ..CallReference::new(0) };
            message(script, reference).map_or(InterfaceInput::Idle, InterfaceInput::Message)
        }
    });
}
