//! A blow that is dealt to a run: who is killed, and when.

use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use super::Luck;

/// Who is killed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Victims {
    pub(super) driver: bool,
    pub(super) keeper: bool,
    pub(super) step: bool,
}

/// When.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// So long after its driver was started.
    After(Duration),
    /// So long after its journal had so many more records.
    Record(usize, Duration),
    /// As the only victim is about to make this call for the n-th time. A step is not looked at so.
    Call(&'static str, usize),
}

/// One blow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blow {
    pub(super) victims: Victims,
    pub(super) when: When,
}

const DRIVER: Victims = Victims { driver: true, keeper: false, step: false };
const KEEPER: Victims = Victims { driver: false, keeper: true, step: false };
const STEP: Victims = Victims { driver: false, keeper: false, step: true };
const BOTH: Victims = Victims { driver: true, keeper: true, step: false };
const BELOW: Victims = Victims { driver: false, keeper: true, step: true };
const ALL: Victims = Victims { driver: true, keeper: true, step: true };

/// The calls by which a driver changes anything, and about how many of them a short run makes.
const CALLS: [(&str, usize); 9] = [
    ("write", 30),
    ("fdatasync", 10),
    ("sendto", 8),
    ("recvfrom", 12),
    ("fsync", 6),
    ("rename", 3),
    ("flock", 3),
    ("clone3", 3),
    ("unlink", 4),
];

/// The same for a keeper, from when it is seen.
const CALLS_OF_KEEPER: [(&str, usize); 4] =
    [("write", 10), ("sendto", 8), ("recvfrom", 8), ("clone3", 4)];

/// Whether calls can be looked at here.
static CAN_TRACE: LazyLock<bool> = LazyLock::new(|| {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|traced| traced.status.success())
});

impl Blow {
    pub(super) fn new(luck: &mut Luck) -> Blow {
        let victims = luck.one_of(&[DRIVER, DRIVER, KEEPER, STEP, BOTH, BELOW, ALL]);
        let (call, most) = luck.one_of(&CALLS);
        let call = When::Call(call, 1 + luck.below(most));
        let later = Duration::from_micros(luck.below(4_000) as u64);
        let record = When::Record(1 + luck.below(12), later);
        let after = When::After(Duration::from_micros(luck.below(200_000) as u64));
        let (of_keeper, most) = luck.one_of(&CALLS_OF_KEEPER);
        let of_keeper = When::Call(of_keeper, 1 + luck.below(most));
        match luck.below(6) {
            0 | 1 if *CAN_TRACE => Blow { victims: DRIVER, when: call },
            2 if *CAN_TRACE => Blow { victims: KEEPER, when: of_keeper },
            3 => Blow { victims, when: record },
            _ => Blow { victims, when: after },
        }
    }

    /// A name for it.
    pub(super) fn name(self) -> String {
        let Victims { driver, keeper, step } = self.victims;
        let named = [(driver, "driver"), (keeper, "keeper"), (step, "step")];
        let names: Vec<&str> = named.into_iter().filter_map(|(is, n)| is.then_some(n)).collect();
        let when = match self.when {
            When::After(_) => "at some time",
            When::Record(..) => "after a record",
            When::Call(call, _) => call,
        };
        format!("{} {when}", names.join("+"))
    }
}
