//! The first project of the README.

use crate::support::Project;

#[test]
fn the_command_prints_hello_as_a_user_other_than_root() {
    let image = Project::of("hello_world").build().image();
    assert_eq!(
        image.answer(&[]),
        r"  _____________
| Hello, world! |
  =============
             \
              \
                ^__^
                (oo)\_______
                (__)\       )\/\
                    ||----w |
                    ||     ||"
    );
    assert_eq!(image.shell("id -u; id -g"), "10001\n10001");
}
