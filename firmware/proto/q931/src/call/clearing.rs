//! The states of clearing (5.3).

use units::Instant;

use super::{Stimulus, Turn};
use crate::event::{By, Event};

impl Turn<'_> {
    /// U11, N12: DISCONNECT sent.
    pub(crate) fn disconnect_request(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            // 5.3.5: both cleared at once.
            Stimulus::DisconnectMessage(_, told) => self.release(now, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare_when_clearing(message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            // T305: RELEASE with the cause of the DISCONNECT. 5.8.8 asks nothing of a call that
            // clears; but when the DISCONNECT was lost with the link's queue the far side rings on
            // for T305, and may answer what is cut off at once.
            Stimulus::Expired(_) | Stimulus::LinkReset => {
                self.send_again();
                self.releasing(now);
            }
            // What was on its way when we cleared is of no use.
            Stimulus::SetupMessage(_)
            | Stimulus::SetupAcknowledge(_)
            | Stimulus::CallProceeding(_)
            | Stimulus::Alerting(_)
            | Stimulus::ProgressMessage(_)
            | Stimulus::Connect(_)
            | Stimulus::ConnectAcknowledge
            | Stimulus::Information(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::Alert(..)
            | Stimulus::Progress(_)
            | Stimulus::Answer(..)
            | Stimulus::MoreDigits(..)
            | Stimulus::Disconnect(_)
            | Stimulus::Enquire
            | Stimulus::LinkUp => {}
        }
    }

    /// U12, N11: DISCONNECT received, with something to hear.
    pub(crate) fn disconnect_indication(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::Disconnect(_) => self.release(now, None),
            // The peer's own T306 should have ended this.
            Stimulus::Expired(_) => self.release(now, None),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare_when_clearing(message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            Stimulus::SetupMessage(_)
            | Stimulus::SetupAcknowledge(_)
            | Stimulus::CallProceeding(_)
            | Stimulus::Alerting(_)
            | Stimulus::ProgressMessage(_)
            | Stimulus::Connect(_)
            | Stimulus::ConnectAcknowledge
            | Stimulus::Information(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::DisconnectMessage(..)
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::Alert(..)
            | Stimulus::Progress(_)
            | Stimulus::Answer(..)
            | Stimulus::MoreDigits(..)
            | Stimulus::Enquire
            | Stimulus::LinkReset
            | Stimulus::LinkUp => {}
        }
    }

    /// U19, N19: RELEASE sent.
    pub(crate) fn release_request(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            // 5.3.5: both released at once; no RELEASE COMPLETE either way.
            Stimulus::Release(..) => self.end(),
            Stimulus::Status(message) => self.compare_when_clearing(message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            // T308 goes on: see U11.
            Stimulus::LinkReset => self.send_again(),
            // T308: once more, then the channel is not to be trusted.
            Stimulus::Expired(_) if !self.repeated => {
                self.send_again();
                self.releasing(now);
                self.repeated = true;
            }
            Stimulus::Expired(timer) => {
                self.because(units::Cause::RECOVERY_ON_TIMER_EXPIRY, By::Timer(timer));
                self.tell(Event::ChannelSuspect);
                self.end();
            }
            Stimulus::SetupMessage(_)
            | Stimulus::SetupAcknowledge(_)
            | Stimulus::CallProceeding(_)
            | Stimulus::Alerting(_)
            | Stimulus::ProgressMessage(_)
            | Stimulus::Connect(_)
            | Stimulus::ConnectAcknowledge
            | Stimulus::Information(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::DisconnectMessage(..)
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::Alert(..)
            | Stimulus::Progress(_)
            | Stimulus::Answer(..)
            | Stimulus::MoreDigits(..)
            | Stimulus::Disconnect(_)
            | Stimulus::Enquire
            | Stimulus::LinkUp => {}
        }
    }
}
