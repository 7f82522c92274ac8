//! Names that no simulated machine has: tools that exist in the world, and typing errors.

/// Tools that people try and that hoplab does not simulate.
const REAL_TOOLS: &str = "ansible apk apt apt-get arp arping aws az bg bpftool bridge brctl bzip2 calicoctl cilium cmp code column \
    conntrack containerd cri-tools crictl ctr curl dd delv dig diff df dig dmesg dnf docker du emacs ethtool expr file find free fg \
    gawk getent git go gpg gunzip gzip helm host htop hubble ifconfig ip ip6tables ipcalc iperf iperf3 ipset iptables iptables-save \
    ipvsadm istioctl java join journalctl jq k3s k9s kind kubeadm kubectx kubelet kubens kustomize less linkerd ln locate lsof make \
    md5sum minikube more mount mtr nano nc ncat neovim netcat netstat nft ngrep nmap node npm nproc nsenter nslookup od openssl \
    passwd paste perl ping ping6 pip pip3 pkill podman podman python python3 rev route rsync ruby runc scp sed sftp sha256sum shuf \
    skopeo snap socat ss split ssh-keygen stat strace su sudo sysctl systemctl tar tc tcpdump telnet terraform tmux top tracepath \
    traceroute tree tshark ufw umount unzip uptime vi vim wget whois wireshark xxd yq yum zip zsh";

pub fn is_real_tool(name: &str) -> bool {
    REAL_TOOLS.split_whitespace().any(|tool| tool == name)
}

/// The name that was probably meant: one typing error away, or two in a long name.
pub fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    // Short names are all close to each other.
    let most = match length {
        0..=2 => return None,
        3..=7 => 1,
        _ => 2,
    };
    names.map(|known| (distance(name, known), known)).filter(|(distance, _)| *distance <= most).min().map(|(_, known)| known)
}

/// Levenshtein's distance, with two neighbours swapped as one error.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // Names much longer than any of ours are not compared.
    if left.len().abs_diff(right.len()) > 2 {
        return usize::MAX;
    }
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let above = rows.last().map_or(&[][..], Vec::as_slice);
            let mut best = (cell(above, j) + usize::from(a != b)).min(cell(above, j + 1) + 1).min(cell(&row, j) + 1);
            if i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a) {
                best = best.min(rows.get(i - 1).map_or(usize::MAX / 2, |row| cell(row, j - 1)) + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(usize::MAX)
}
