//! Frames on their way to one end, as the shim of libpri carries them: places of one size, of which
//! what is used is copied.

const FRAME: usize = 300;
const FRAMES: usize = 256;

struct Place {
    length: usize,
    octets: [u8; FRAME],
}

pub(crate) struct Wire {
    places: Vec<Place>,
    first: usize,
    count: usize,
    /// Frames that found no room.
    pub(crate) lost: usize,
}

impl Wire {
    pub(crate) fn new() -> Self {
        let place = |_| Place { length: 0, octets: [0; FRAME] };
        Self { places: (0..FRAMES).map(place).collect(), first: 0, count: 0, lost: 0 }
    }

    pub(crate) fn push(&mut self, frame: &[u8]) {
        if self.count == FRAMES || frame.len() > FRAME {
            self.lost += 1;
            return;
        }
        let place = &mut self.places[(self.first + self.count) % FRAMES];
        place.length = frame.len();
        place.octets[..frame.len()].copy_from_slice(frame);
        self.count += 1;
    }

    /// The oldest, which stays there until [`Self::pop`].
    pub(crate) fn front(&self) -> Option<&[u8]> {
        let place = &self.places[self.first];
        (self.count > 0).then(|| &place.octets[..place.length])
    }

    pub(crate) fn pop(&mut self) {
        self.first = (self.first + 1) % FRAMES;
        self.count -= 1;
    }
}
