//! Whose rights this program acts with: those of whoever typed the command, and no others.
//!
//! A runbook runs any command. A copy of this program with the setuid or setgid bit would run it
//! with the rights of the file's owner, for everybody. What a step starts is another matter: `sudo`
//! and `ping` are such programs, and ask themselves who may use them.

use rustix::process::{getegid, geteuid, getgid, getuid};

use super::failure::Failure;

/// Refuses rights that came with the file of this program.
pub fn refuse_borrowed() -> Result<(), Failure> {
    let user = (getuid().as_raw(), geteuid().as_raw());
    let group = (getgid().as_raw(), getegid().as_raw());
    match borrowed(user, group) {
        None => Ok(()),
        Some(bit) => Err(Failure::usage(
            format!("the {bit} bit of this program would run commands with another's rights"),
            "take the bit away from its file: chmod ug-s",
        )),
    }
}

/// Which bit has lent us rights: of each pair the first is who we are, the second who we act as.
fn borrowed(user: (u32, u32), group: (u32, u32)) -> Option<&'static str> {
    let as_another = user.0 != user.1;
    let for_another = group.0 != group.1;
    as_another.then_some("setuid").or(for_another.then_some("setgid"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_acts_as_somebody_else_has_borrowed() {
        assert_eq!(borrowed((1000, 1000), (100, 100)), None);
        assert_eq!(borrowed((0, 0), (0, 0)), None, "root that was logged in as is root");
        assert_eq!(borrowed((1000, 0), (100, 100)), Some("setuid"));
        assert_eq!(borrowed((0, 1000), (100, 100)), Some("setuid"));
        assert_eq!(borrowed((1000, 1000), (100, 0)), Some("setgid"));
    }
}
