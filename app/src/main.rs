fn main() {
    leptos::mount::mount_to_body(hoplab_app::App);
}
