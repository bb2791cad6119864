//! The states of the end that received SETUP (5.2, 5.1 seen from the network), and Active.

use units::{Digits, Instant};

use super::{State, Stimulus, Turn};
use crate::event::{By, Event};
use crate::timers::Timer;
use crate::wire::{Kind, Message};

impl Turn<'_> {
    /// U6, N1: SETUP received. The caller's T303 bounds the wait.
    pub(crate) fn call_present(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::SetupAck(channel) => {
                self.respond(Kind::SetupAcknowledge, channel, false);
                self.start(now, Timer::T302);
                self.state = State::OverlapReceiving;
            }
            Stimulus::Proceed(channel) => self.proceed(channel),
            Stimulus::Alert(channel, in_band) => self.alert(channel, in_band),
            Stimulus::Answer(channel, connected) => self.answer(now, channel, connected),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::Connect(_) => self.unexpected(Kind::Connect),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Information(_) => self.unexpected(Kind::Information),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            // 5.8.3.2 e): a repeated SETUP is ignored.
            Stimulus::SetupMessage(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::Setup(_)
            | Stimulus::Progress(_)
            | Stimulus::MoreDigits(..)
            | Stimulus::LinkReset
            | Stimulus::LinkUp
            | Stimulus::Expired(_) => {}
        }
    }

    /// 5.2.4: digits start T302 anew; sending complete ends it.
    fn digits(&mut self, now: Instant, message: &Message) {
        let digits = message.called.as_ref().map(|called| called.digits.clone());
        let complete = message.sending_complete;
        if complete {
            self.timers.state = None;
        } else if digits.is_some() {
            self.start(now, Timer::T302);
        }
        if complete || digits.is_some() {
            self.tell(Event::Digits { digits: digits.unwrap_or_default(), complete });
        }
    }

    /// U25, N2: more digits are awaited.
    pub(crate) fn overlap_receiving(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::Information(message) => self.digits(now, message),
            // T302: nothing more will come; whether it is enough is for the layer above.
            Stimulus::Expired(_) => {
                self.tell(Event::Digits { digits: Digits::new(), complete: true });
            }
            Stimulus::Proceed(channel) => self.proceed(channel),
            Stimulus::Alert(channel, in_band) => self.alert(channel, in_band),
            Stimulus::Progress(in_band) => self.send_progress(in_band),
            Stimulus::Answer(channel, connected) => self.answer(now, channel, connected),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::Connect(_) => self.unexpected(Kind::Connect),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkReset => self.reset_in_overlap(now),
            Stimulus::LinkDown => self.link_down(),
            Stimulus::SetupMessage(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::MoreDigits(..)
            | Stimulus::LinkUp => {}
        }
    }

    /// U9, N3: the number is complete.
    pub(crate) fn incoming_proceeding(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::Alert(channel, in_band) => self.alert(channel, in_band),
            Stimulus::Progress(in_band) => self.send_progress(in_band),
            Stimulus::Answer(channel, connected) => self.answer(now, channel, connected),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::Connect(_) => self.unexpected(Kind::Connect),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            // Digits that were on their way when the number was complete are of no use.
            Stimulus::SetupMessage(_)
            | Stimulus::Information(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::MoreDigits(..)
            | Stimulus::LinkReset
            | Stimulus::LinkUp
            | Stimulus::Expired(_) => {}
        }
    }

    /// U7, N4: alerting.
    pub(crate) fn call_received(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::Progress(in_band) => self.send_progress(in_band),
            Stimulus::Answer(channel, connected) => self.answer(now, channel, connected),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::Connect(_) => self.unexpected(Kind::Connect),
            Stimulus::ConnectAcknowledge => self.unexpected(Kind::ConnectAcknowledge),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            Stimulus::SetupMessage(_)
            | Stimulus::Information(_)
            | Stimulus::NotifyMessage(_)
            | Stimulus::Facility
            | Stimulus::Notify(_)
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::Alert(..)
            | Stimulus::MoreDigits(..)
            | Stimulus::LinkReset
            | Stimulus::LinkUp
            | Stimulus::Expired(_) => {}
        }
    }

    /// U8: CONNECT sent, its acknowledgement is awaited.
    pub(crate) fn connect_request(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::ConnectAcknowledge => self.through(),
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::Connect(_) => self.unexpected(Kind::Connect),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            Stimulus::RestartChannel => self.restarted(),
            Stimulus::LinkDown => self.link_down(),
            // 5.2.8: T313.
            Stimulus::Expired(timer) => {
                self.give_up(now, units::Cause::RECOVERY_ON_TIMER_EXPIRY, timer);
            }
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

    /// U10, N10.
    pub(crate) fn active(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        match stimulus {
            Stimulus::DisconnectMessage(message, told) => self.far_disconnects(now, message, told),
            Stimulus::Release(message, told) => self.far_releases(message, told),
            Stimulus::ReleaseComplete(message) => self.far_completes(message),
            Stimulus::Status(message) => self.compare(now, message),
            Stimulus::StatusEnquiry => self.report(),
            Stimulus::SetupAcknowledge(_) => self.unexpected(Kind::SetupAcknowledge),
            Stimulus::CallProceeding(_) => self.unexpected(Kind::CallProceeding),
            Stimulus::Alerting(_) => self.unexpected(Kind::Alerting),
            Stimulus::ProgressMessage(_) => self.unexpected(Kind::Progress),
            Stimulus::Connect(_) => self.unexpected(Kind::Connect),
            Stimulus::Misplaced(kind) => self.unexpected(kind),
            Stimulus::Disconnect(cause) => self.clear(now, cause, By::Us),
            Stimulus::Enquire => self.enquire(now),
            // 5.9
            Stimulus::NotifyMessage(message) => self.notified(message),
            Stimulus::Notify(what) => self.notify(what),
            Stimulus::RestartChannel => self.restarted(),
            // 5.8.9 b): the call outlives the link by T309; a T309 that runs is not started anew.
            Stimulus::LinkDown => {
                self.forget_enquiry();
                let at = now + self.config.timers.get(Timer::T309);
                self.timers.t309 = self.timers.t309.or(Some(at));
            }
            // 5.8.9: after it both ends make sure that they mean the same.
            Stimulus::LinkUp => {
                if self.timers.t309.take().is_some() {
                    self.enquire(now);
                }
            }
            // 5.1.8: the calling user may acknowledge.
            Stimulus::ConnectAcknowledge
            // 5.8.8: a reset leaves an active call alone.
            | Stimulus::LinkReset
            | Stimulus::SetupMessage(_)
            | Stimulus::Information(_)
            | Stimulus::Facility
            | Stimulus::Setup(_)
            | Stimulus::SetupAck(_)
            | Stimulus::Proceed(_)
            | Stimulus::Alert(..)
            | Stimulus::Progress(_)
            | Stimulus::Answer(..)
            | Stimulus::MoreDigits(..)
            | Stimulus::Expired(_) => {}
        }
    }
}
