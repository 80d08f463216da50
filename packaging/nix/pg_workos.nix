# pg_workos for the Nix build of Supabase's Postgres, shaped like its own extensions that are built with pgrx. In a copy of
# supabase/postgres, this file is nix/ext/pg_workos/default.nix, and its path stands in the list of extensions of
# nix/packages/postgres.nix. nix/cargo-pgrx/versions.json needs the versions of pgrx and Rust below.
#
#   nix build .#psql_17/exts/pg_workos -L
#
# `src` is a release, for example from fetchFromGitHub; without it, the copy of the repository that this file is in.
{
  lib,
  stdenv,
  callPackages,
  postgresql,
  rust-bin,
  src ? lib.cleanSource ../..,
  mkPgrxExtension ? null,
}:
let
  manifest = builtins.fromTOML (builtins.readFile (src + "/Cargo.toml"));
  inherit (manifest.workspace.package) version;
  # The oldest Rust that builds it, with all three parts of a version.
  rustVersion = "${manifest.workspace.package.rust-version}.0";
  pgrxVersion = lib.removePrefix "=" manifest.workspace.dependencies.pgrx;
  cargo = rust-bin.stable.${rustVersion}.default;
  build =
    if mkPgrxExtension != null then
      mkPgrxExtension
    else
      callPackages ../../cargo-pgrx/mkPgrxExtension.nix { inherit rustVersion pgrxVersion; };
  major = lib.versions.major postgresql.version;
in
build {
  pname = "pg_workos";
  inherit version src postgresql;

  nativeBuildInputs = [ cargo ];
  buildInputs = [ postgresql ];
  CARGO = "${cargo}/bin/cargo";
  buildFeatures = [ "pg${major}" ];
  cargoBuildFlags = [ "--no-default-features" ];
  cargoLock.lockFile = src + "/Cargo.lock";

  env = lib.optionalAttrs stdenv.isDarwin {
    POSTGRES_LIB = "${postgresql}/lib";
    RUSTFLAGS = "-C link-arg=-undefined -C link-arg=dynamic_lookup";
  };

  # The tests need a server, pgTAP and files outside of the sandbox. The project's own workflow runs them.
  doCheck = false;

  # cargo-pgrx writes the script of pg_workos alone. Those of both extensions are in sql/.
  postInstall = ''
    install -m 644 sql/pg_workos--*.sql sql/pg_workos_directory--*.sql -t "$out/share/postgresql/extension"
    for name in pg_workos pg_workos_directory; do
      sed 's/@CARGO_VERSION@/${version}/' "$name.control" > "$out/share/postgresql/extension/$name.control"
    done
  '';

  meta = {
    description = manifest.package.description;
    platforms = postgresql.meta.platforms;
    license = lib.licenses.asl20;
  };
}
