//! The project that the README begins with.

use crate::support::Project;

#[test]
fn it_says_hello_and_is_not_root() {
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
