//! Echo cancellers: the lines and signals of G.168, and speech.
//!
//! ```text
//!  far ─► A-law ─┬─► hybrid of Annex D, delayed, ERL ─► + ◄─ near
//!                │                                      ▼
//!                │                                    A-law
//!                └──────────► canceller ◄───────────────┘ ──► what the far end hears
//! ```

pub mod g168;
pub mod measure;
pub mod models;
pub mod peers;
pub mod signals;

pub use models::{MODELS, Model};

use progress_test::line;

/// An echo path from what is sent to what comes back.
#[derive(Clone, Debug)]
pub struct Path {
    taps: Vec<f64>,
    sent: Vec<f64>,
    at: usize,
}

impl Path {
    /// A model of Annex D behind a delay, with an echo return loss.
    #[must_use]
    pub fn new(model: &Model, delay_ms: usize, loss_db: f64) -> Self {
        let gain = model.gain * 10.0_f64.powf(-loss_db / 20.0);
        let mut taps = vec![0.0; delay_ms * 8];
        taps.extend(model.taps.iter().map(|tap| f64::from(*tap) * gain));
        let sent = vec![0.0; taps.len()];
        Self { taps, sent, at: 0 }
    }

    /// No echo at all.
    #[must_use]
    pub fn open() -> Self {
        Self { taps: vec![0.0], sent: vec![0.0], at: 0 }
    }

    /// The echo of one more sample.
    pub fn echo(&mut self, sent: f64) -> f64 {
        self.at = self.at.checked_sub(1).unwrap_or(self.sent.len() - 1);
        self.sent[self.at] = sent;
        let (late, early) = self.sent.split_at(self.at);
        let (first, rest) = self.taps.split_at(early.len());
        let sum =
            |taps: &[f64], sent: &[f64]| -> f64 { taps.iter().zip(sent).map(|(a, b)| a * b).sum() };
        sum(first, early) + sum(rest, late)
    }
}

/// What a canceller gets and what is known of it.
#[derive(Clone, Debug, Default)]
pub struct Sound {
    /// Sent, as the line carries it.
    pub sent: Vec<i16>,
    /// Heard, as the line carries it.
    pub heard: Vec<i16>,
    /// The echo alone.
    pub echo: Vec<f64>,
    /// The near end alone.
    pub near: Vec<f64>,
}

impl Sound {
    /// Adds what comes of two signals over a path.
    pub fn push(&mut self, path: &mut Path, far: &[f64], near: &[f64]) {
        for (n, far) in far.iter().enumerate() {
            let sent = line(*far);
            let echo = path.echo(f64::from(sent));
            let near = near.get(n).copied().unwrap_or(0.0);
            self.sent.push(sent);
            self.heard.push(line(echo + near));
            self.echo.push(echo);
            self.near.push(near);
        }
    }

    /// What is left behind a canceller.
    pub fn through(&self, canceller: &mut dyn peers::Cancels) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.sent.len());
        let heard = self.heard.as_chunks::<{ peers::FRAME }>().0;
        for (sent, heard) in self.sent.as_chunks().0.iter().zip(heard) {
            let mut heard = *heard;
            canceller.process(sent, &mut heard);
            out.extend(heard.map(f64::from));
        }
        out
    }
}
