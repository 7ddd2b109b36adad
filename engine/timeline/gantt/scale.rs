//! Where moments lie on a chart that is 100 wide.
//!
//! A long time in which nobody drove would press all the rest together, so it is drawn as a narrow
//! band, and says so.

/// How wide a band is that stands for a long time.
const BAND: f64 = 4.0;
/// The most bands; what lies beyond is drawn to scale.
const MOST: usize = 8;

/// Where moments lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pieces: Vec<Piece>,
}

/// A time that is drawn narrower than it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Where it begins.
    pub x: f64,
    /// How wide it is.
    pub width: f64,
    /// How long it was, in milliseconds.
    pub took_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: i64,
    to: i64,
    x: f64,
    width: f64,
    is_band: bool,
}

impl Scale {
    /// From one moment to another, with the times in which nobody drove, in order.
    pub fn new((from, to): (i64, i64), away: &[(i64, i64)]) -> Scale {
        let to = to.max(from + 1);
        let inside = away.iter().map(|(a, b)| ((*a).max(from), (*b).min(to)));
        let inside: Vec<(i64, i64)> = inside.filter(|(a, b)| a < b).collect();
        let driven = (to - from) - inside.iter().map(|(a, b)| b - a).sum::<i64>();
        let mut long: Vec<(i64, i64)> =
            inside.into_iter().filter(|(a, b)| b - a > driven.max(1) / 4).collect();
        long.sort_by_key(|(a, b)| a - b);
        long.truncate(MOST);
        long.sort_unstable();
        Scale { pieces: pieces(from, to, &long) }
    }

    /// Where a moment lies, from 0 to 100.
    pub fn x(&self, ms: i64) -> f64 {
        let piece = self.pieces.iter().find(|piece| ms <= piece.to).or(self.pieces.last());
        piece.map_or(0.0, |piece| {
            let part = share(ms.clamp(piece.from, piece.to) - piece.from, piece.to - piece.from);
            piece.x + part * piece.width
        })
    }

    /// Which moment lies at a place; none inside a band.
    pub fn moment(&self, x: f64) -> Option<i64> {
        let piece =
            self.pieces.iter().find(|piece| x <= piece.x + piece.width).or(self.pieces.last())?;
        let part =
            if piece.width > 0.0 { ((x - piece.x) / piece.width).clamp(0.0, 1.0) } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a chart shows no single milliseconds"
        )]
        let after = ((piece.to - piece.from) as f64 * part).round() as i64;
        (!piece.is_band).then_some(piece.from + after)
    }

    /// The times that are drawn narrower than they were.
    pub fn bands(&self) -> impl Iterator<Item = Band> + '_ {
        let bands = self.pieces.iter().filter(|piece| piece.is_band);
        bands.map(|piece| Band { x: piece.x, width: piece.width, took_ms: piece.to - piece.from })
    }
}

fn pieces(from: i64, to: i64, bands: &[(i64, i64)]) -> Vec<Piece> {
    let banded: i64 = bands.iter().map(|(a, b)| b - a).sum();
    #[expect(clippy::cast_precision_loss, reason = "there are eight at most")]
    let room = 100.0 - BAND * bands.len() as f64;
    let driven = to - from - banded;
    let (mut pieces, mut at, mut x) = (Vec::new(), from, 0.0);
    let mut push = |from: i64, to: i64, is_band: bool| {
        let width = if is_band { BAND } else { room * share(to - from, driven) };
        if to > from {
            pieces.push(Piece { from, to, x, width, is_band });
            x += width;
        }
    };
    for (begins, ends) in bands {
        push(at, *begins, false);
        push(*begins.max(&at), *ends, true);
        at = *ends;
    }
    push(at, to, false);
    pieces
}

#[expect(clippy::cast_precision_loss, reason = "a chart shows no single milliseconds")]
fn share(part: i64, of: i64) -> f64 {
    if of <= 0 { 0.0 } else { part as f64 / of as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_run_that_was_driven_all_along_is_drawn_to_scale() {
        let scale = Scale::new((0, 1000), &[]);
        assert_eq!([0, 250, 1000].map(|ms| scale.x(ms)), [0.0, 25.0, 100.0]);
        assert_eq!(scale.moment(25.0), Some(250));
        assert_eq!(scale.bands().count(), 0);
    }

    #[test]
    fn a_night_in_which_nobody_drove_is_a_narrow_band() {
        let scale = Scale::new((0, 1_000_200), &[(100, 1_000_100)]);
        assert_eq!([0, 100, 1_000_100, 1_000_200].map(|ms| scale.x(ms)), [0.0, 48.0, 52.0, 100.0]);
        let bands: Vec<Band> = scale.bands().collect();
        assert_eq!(bands, [Band { x: 48.0, width: 4.0, took_ms: 1_000_000 }]);
        assert_eq!(scale.moment(50.0), None);
        assert_eq!(scale.moment(76.0), Some(1_000_150));
    }

    #[test]
    fn a_short_absence_is_drawn_to_scale() {
        let scale = Scale::new((0, 1000), &[(100, 200)]);
        assert_eq!(scale.x(200), 20.0);
    }

    #[test]
    fn what_lies_outside_is_at_the_edge() {
        let scale = Scale::new((0, 1000), &[]);
        assert_eq!((scale.x(-5), scale.x(9000)), (0.0, 100.0));
        assert_eq!(Scale::new((5, 5), &[]).x(5), 0.0);
    }

    proptest! {
        #[test]
        fn later_never_lies_further_left(
            to in 1..1_000_000_i64, mut cuts in proptest::collection::vec(0..1_000_000_i64, 0..20),
        ) {
            cuts.sort_unstable();
            let away: Vec<(i64, i64)> = cuts.chunks_exact(2).map(|c| (c[0], c[1])).collect();
            let scale = Scale::new((0, to), &away);
            let xs: Vec<f64> = (0..=100).map(|part| scale.x(to * part / 100)).collect();
            prop_assert!(xs.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{xs:?}");
            prop_assert!(xs.iter().all(|x| (0.0..=100.000_001).contains(x)), "{xs:?}");
        }
    }
}
