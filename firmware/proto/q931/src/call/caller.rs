//! The states of the end that sent SETUP (5.1, 5.2 seen from the network), and Null.

use units::{Cause, Instant};

use super::{State, Stimulus, Turn};
use crate::event::{By, Event};
use crate::timers::Timer;
use crate::wire::{Kind, Message, PartyNumber, Progress};

impl Turn<'_> {
    /// 0.
    pub(crate) fn null(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::Setup(params) => self.place(now, params),
            Stimulus::SetupMessage(message) => self.offered(message),
            Stimulus::SetupAcknowledge(_)
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
            | Stimulus::Release(..)
            | Stimulus::ReleaseComplete(_)
            | Stimulus::Status(_)
            | Stimulus::StatusEnquiry
            | Stimulus::Misplaced(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::Alert(..)
            | Stimulus::Progress(_)
            | Stimulus::Answer(..)
            | Stimulus::MoreDigits(..)
            | Stimulus::Disconnect(_)
            | Stimulus::Enquire
            | Stimulus::RestartChannel
            | Stimulus::LinkReset
            | Stimulus::LinkDown
            | Stimulus::LinkUp
            | Stimulus::Expired(_) => {}
        }
    }

    fn offered(&mut self, message: &Message) {
        // `judge` refused a SETUP without bearer capability.
        let Some(bearer) = message.bearer.clone() else { return };
        self.clearing = None;
        self.state = State::CallPresent;
        self.tell(Event::Offered {
            bearer,
            channel: message.channel,
            calling: message.calling.clone(),
            called: message.called.clone(),
            complete: message.sending_complete,
        });
    }

    /// U1, N6: SETUP sent.
    pub(crate) fn call_initiated(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::SetupAcknowledge(message) => self.more_wanted(now, message),
            Stimulus::CallProceeding(message) => self.proceeding(now, message),
            Stimulus::Alerting(message) => self.alerting(now, message),
            Stimulus::Connect(message) => self.answered(message),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Information(_) => self.unexpected(Kind::Information),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            // 5.1.1, 5.2.5.4 and table 9-1, 9-2: once more, then the far side is not there.
            Stimulus::Expired(_) if !self.repeated => {
                self.repeated = true;
                self.send_again();
                self.start(now, Timer::T303);
            }
            Stimulus::Expired(timer) => {
                self.because(Cause::NO_USER_RESPONDING, By::Timer(timer));
                let told = self.own_cause(Cause::RECOVERY_ON_TIMER_EXPIRY);
                self.complete(Some(told));
            }
            // 5.8.8: a SETUP that was lost with the link's queue is repeated by T303.
            Stimulus::SetupMessage(_)
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
            | Stimulus::LinkReset
            | Stimulus::LinkUp => {}
        }
    }

    fn more_wanted(&mut self, now: Instant, message: &Message) {
        self.start(now, Timer::T304);
        self.state = State::OverlapSending;
        let in_band = in_band(message);
        self.tell(Event::MoreDigitsWanted { channel: message.channel, in_band });
    }

    fn proceeding(&mut self, now: Instant, message: &Message) {
        let in_band = in_band(message);
        // T310 ends with progress; T301 then sees that the call does not wait for ever.
        self.start(now, if in_band { Timer::T301 } else { Timer::T310 });
        self.state = State::OutgoingProceeding;
        self.tell(Event::Proceeding { channel: message.channel, in_band });
    }

    fn alerting(&mut self, now: Instant, message: &Message) {
        self.start(now, Timer::T301);
        self.state = State::CallDelivered;
        let in_band = in_band(message);
        self.tell(Event::Alerting { channel: message.channel, in_band });
    }

    /// 5.1.6: PROGRESS stops the timer of the state; T301 takes its place.
    fn progressing(&mut self, now: Instant, message: &Message) {
        if self.state != State::CallDelivered {
            self.start(now, Timer::T301);
        }
        self.tell(Event::Progress { in_band: in_band(message) });
    }

    /// 5.1.3: each INFORMATION starts T304 anew.
    fn send_digits(&mut self, now: Instant, called: &PartyNumber, complete: bool) {
        let mut message = self.new_message(Kind::Information);
        message.sending_complete = complete;
        if !called.digits.is_empty() {
            message.called = Some(called.clone());
        }
        self.send(&message);
        self.start(now, Timer::T304);
    }

    /// U2, N25: the callee wants more digits.
    pub(crate) fn overlap_sending(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::MoreDigits(called, complete) => self.send_digits(now, called, complete),
            Stimulus::CallProceeding(message) => self.proceeding(now, message),
            Stimulus::Alerting(message) => self.alerting(now, message),
            Stimulus::ProgressMessage(message) => self.progressing(now, message),
            Stimulus::Connect(message) => self.answered(message),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkReset => self.reset_in_overlap(now),
            Stimulus::LinkDown => self.link_down(),
            Stimulus::Expired(Timer::T301) => self.give_up(now, Cause::NO_ANSWER, Timer::T301),
            Stimulus::Expired(timer) => self.give_up(now, Cause::INVALID_NUMBER_FORMAT, timer),
            Stimulus::SetupMessage(_)
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
            | Stimulus::LinkUp => {}
        }
    }

    /// U3, N9: the number is complete.
    pub(crate) fn outgoing_proceeding(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::Alerting(message) => self.alerting(now, message),
            Stimulus::ProgressMessage(message) => self.progressing(now, message),
            Stimulus::Connect(message) => self.answered(message),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            Stimulus::Expired(Timer::T301) => self.give_up(now, Cause::NO_ANSWER, Timer::T301),
            Stimulus::Expired(timer) => self.give_up(now, Cause::NO_USER_RESPONDING, timer),
            Stimulus::SetupMessage(_)
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
            | Stimulus::LinkReset
            | Stimulus::LinkUp => {}
        }
    }

    /// U4, N7: the called party is alerted.
    pub(crate) fn call_delivered(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::ProgressMessage(message) => self.progressing(now, message),
            Stimulus::Connect(message) => self.answered(message),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            Stimulus::Expired(timer) => self.give_up(now, Cause::NO_ANSWER, timer),
            Stimulus::SetupMessage(_)
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
            | Stimulus::LinkReset
            | Stimulus::LinkUp => {}
        }
    }
}

/// 5.1.6: something to hear is in the channel.
fn in_band(message: &Message) -> bool {
    message.progress.is_some_and(|progress: Progress| progress.is_in_band())
}
