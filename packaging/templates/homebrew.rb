class Swr < Formula
  desc "Keep container images of Huawei Cloud SWR in more than one region"
  homepage "https://github.com/OWNER/swr"
  version "{version}"
  license any_of: ["Apache-2.0", "MIT"]

  on_macos do
    on_arm do
      url "https://github.com/OWNER/swr/releases/download/v{version}/swr-{version}-aarch64-apple-darwin.tar.gz"
      sha256 "{sha256:aarch64-apple-darwin}"
    end
    on_intel do
      url "https://github.com/OWNER/swr/releases/download/v{version}/swr-{version}-x86_64-apple-darwin.tar.gz"
      sha256 "{sha256:x86_64-apple-darwin}"
    end
  end
  on_linux do
    on_arm do
      url "https://github.com/OWNER/swr/releases/download/v{version}/swr-{version}-aarch64-unknown-linux-gnu.tar.gz"
      sha256 "{sha256:aarch64-unknown-linux-gnu}"
    end
    on_intel do
      url "https://github.com/OWNER/swr/releases/download/v{version}/swr-{version}-x86_64-unknown-linux-gnu.tar.gz"
      sha256 "{sha256:x86_64-unknown-linux-gnu}"
    end
  end

  def install
    bin.install "swr"
    bin.install_symlink "swr" => "docker-credential-swr"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/swr.bash" => "swr"
    zsh_completion.install "completions/_swr"
    fish_completion.install "completions/swr.fish"
  end

  test do
    system bin/"swr", "emulator", "exec", "--", bin/"swr", "sync", "list", "-n", "demo"
  end
end
