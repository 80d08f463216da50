# Evaluates pg_workos.nix without nixpkgs, and tells what it hands to Supabase's builder: nix-instantiate --eval --strict --json check.nix
# What it takes from nixpkgs has a stand-in here, so this finds errors of syntax, wrong names, and versions that disagree. It builds nothing.
import ./pg_workos.nix {
  lib = {
    cleanSource = path: path;
    removePrefix = prefix: text: builtins.substring (builtins.stringLength prefix) (-1) text;
    optionalAttrs = condition: attributes: if condition then attributes else { };
    versions.major = version: builtins.head (builtins.match "([0-9]+).*" version);
    licenses.asl20.spdxId = "Apache-2.0";
  };
  stdenv.isDarwin = false;
  callPackages = path: arguments: throw "not called";
  rust-bin.stable."1.95.0".default = "/rust";
  postgresql = {
    version = "17.6";
    meta.platforms = [ "x86_64-linux" ];
    outPath = "/postgresql";
  };
  mkPgrxExtension = attributes: { inherit (attributes) pname version buildFeatures cargoBuildFlags CARGO doCheck meta; lock = builtins.pathExists attributes.cargoLock.lockFile; };
}
