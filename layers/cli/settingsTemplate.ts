/** The settings file that `init` writes: what is set, and what else could be. */
export const settingsTemplate = `# Settings of exlab-wizard. What is commented out is the default, or an example where it says so;
# docs/settings.md explains every key.

paths:
  # Every directory is created below it.
  local_root: exlab-data/local
  # Templates for every equipment.
  templates_dir: templates
  # Your own plugins, beside those that come along. Example; default: none.
  # plugin_dir: plugins
  # What must outlive a restart; on a local disk.
  # state_dir: exlab-data/state

equipment:
  # id: 1–32 of A–Z, 0–9 and _
  - id: DEMO_01
    label: Demonstration instrument
    # # Where its directories are copied to, and how: docs/transports.md. Example; default: nowhere.
    # nas_root: /mnt/nas/DEMO_01
    # transport: { type: mounted }
    # # When: created, or complete, when the data of the instrument are there.
    # sync_when: created

# Run folders are named by its wall clock.
time_zone: UTC

# operators:
#   # Who may create; empty: anyone.
#   allowlist: []

# readme:
#   # README fields of every directory. Example; default: none.
#   defaults:
#     - { id: funder, label: Funder, type: string }

# plugins:
#   allow_network: false
#   # os, permission or none: the least isolation with which plugins may run.
#   min_isolation: none
#   readable_paths: []

# sessions:
#   max_open: 10000
#   abandon_after_seconds: 3600
#   shutdown_grace_seconds: 30

# disk:
#   min_free_mib: 100

# audit:
#   # What stands is looked at again after so many seconds, and its contents' times once an hour.
#   interval_seconds: 30
#   full_interval_seconds: 3600

# sync:
#   workers: 2

# nas_cleanup:
#   # Removes what is on the NAS for certain.
#   enabled: false

# export:
#   # What exports say of the rights: an SPDX identifier or a URL; and whose they are.
#   # Example; default: neither.
#   license: CC-BY-4.0
#   organization: Example University

# http:
#   host: 127.0.0.1
#   port: 8420
#   # Needed on any other address than this computer's own; made when it isn't there. Example; default: none.
#   token_file: exlab-wizard.token
#   allowed_hosts: []

# logging:
#   level: info
#   # logfmt, json or pretty
#   format: logfmt
`
