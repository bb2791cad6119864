//! Messages that wait for a telephone, as long as somebody at the console says so.

use nix::sys::signal::Signal;
use scenarios::{Pace, Program, Settings, scene};

#[test]
fn messages_wait_for_a_telephone_until_the_console_says_otherwise_whatever_restarts() {
    scene(Settings::new(Pace::Free), |rig, _| {
        let (done, said) = rig.console("set message-waiting 899 on")?;
        assert!(!done && said.contains("899"), "{said}");
        let (done, said) = rig.console("set message-waiting 801 on")?;
        assert!(done && said.contains("In force"), "{said}");
        rig.end(Program::Daemon, Signal::SIGKILL);
        rig.start_program(Program::Daemon)?;
        rig.console_when("show core", |text| !text.is_empty())?;
        // What is said again is nothing new, after a restart and after reading the documents.
        for line in ["load", "set message-waiting 801 on"] {
            let said = rig.console_when(line, |text| text.contains("Nothing to do"))?;
            assert!(said.contains("in force already"), "{said}");
        }
        let (done, said) = rig.console("set message-waiting 801 off")?;
        assert!(done && said.contains("In force"), "{said}");
        Ok(())
    });
}
