//! Removing the folder of a run: it leaves the runs in one piece, and is taken apart where nobody
//! looks for runs. What a crash leaves of that is taken away by the next removal.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Folder, Store, StoreError, make_private, sync};

/// The folder of what is being removed, beside that of the runs.
const REMOVED: &str = "removed";

impl Store {
    /// Removes the folder of a run, which the caller has locked. No link is followed.
    pub fn remove(&self, folder: &Folder) -> Result<(), StoreError> {
        let removed = self.root.join(REMOVED);
        make_private(&removed)?;
        let grave = removed.join(&folder.run);
        let io = |path: &Path| {
            let path = path.to_owned();
            |source| StoreError::Io { path, source }
        };
        if grave.symlink_metadata().is_ok() {
            fs::remove_dir_all(&grave).map_err(io(&grave))?;
        }
        fs::rename(&folder.path, &grave).map_err(io(&folder.path))?;
        sync(&self.runs_folder())?;
        fs::remove_dir_all(&grave).map_err(io(&grave))
    }

    /// Takes away what removals have left that did not come to their end.
    pub fn sweep(&self) -> Result<(), StoreError> {
        let removed = self.root.join(REMOVED);
        let io = |source| StoreError::Io { path: removed.clone(), source };
        match fs::symlink_metadata(&removed) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io(error)),
            Ok(found) if !found.is_dir() => {
                let reason = "it is no folder".to_owned();
                Err(StoreError::Suspect { path: removed.clone(), reason })
            }
            Ok(_) => fs::remove_dir_all(&removed).map_err(io),
        }
    }
}

impl Folder {
    /// How many bytes of the disk it takes up. No link is followed.
    pub fn size(&self) -> u64 {
        size(&self.path)
    }
}

/// What cannot be looked at counts for nothing.
fn size(path: &Path) -> u64 {
    let Ok(found) = fs::symlink_metadata(path) else { return 0 };
    let own = found.blocks() * 512;
    let Some(entries) = found.is_dir().then(|| fs::read_dir(path).ok()).flatten() else {
        return own;
    };
    own + entries.flatten().map(|entry| size(&entry.path())).sum::<u64>()
}
