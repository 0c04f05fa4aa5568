/** Every key, each on a line that ends with its name. */
export const everyKeyOnce = `
paths:
  local_root: lab # paths.local_root
  templates_dir: /srv/templates # paths.templates_dir
  plugin_dir: /srv/plugins # paths.plugin_dir
  state_dir: /srv/state # paths.state_dir
plugins:
  allow_network: true # plugins.allow_network
  min_isolation: permission # plugins.min_isolation
  readable_paths: [/opt/tools] # plugins.readable_paths
equipment:
  - id: CONFOCAL_01 # equipment.0.id
    label: Confocal # equipment.0.label
    nas_root: /nas/confocal # equipment.0.nas_root
    sync_when: complete # equipment.0.sync_when
    completeness:
      type: quiet # equipment.0.completeness.type
      minutes: 5 # equipment.0.completeness.minutes
    transport:
      type: rsync_ssh # equipment.0.transport.type
      host: nas # equipment.0.transport.host
      port: 2222 # equipment.0.transport.port
      user: lab # equipment.0.transport.user
      identity_file: /keys/lab # equipment.0.transport.identity_file
      known_hosts_file: /keys/known # equipment.0.transport.known_hosts_file
      has_shell: false # equipment.0.transport.has_shell
      upload_mbps: 100 # equipment.0.transport.upload_mbps
      schedule: [{ days: [mon], from: "08:00", to: "18:00" }] # equipment.0.transport.schedule
operators:
  allowlist: [asmith] # operators.allowlist
readme:
  defaults:
    - { id: funder, label: Funder, type: string } # readme.defaults.0
time_zone: Europe/Vienna # time_zone
validator:
  content_scan_extensions: [.txt] # validator.content_scan_extensions
  content_scan_max_mib: 2 # validator.content_scan_max_mib
audit:
  enabled: true # audit.enabled
  interval_seconds: 30 # audit.interval_seconds
  full_interval_seconds: 3600 # audit.full_interval_seconds
templates:
  max_file_mib: 1 # templates.max_file_mib
  max_total_mib: 2 # templates.max_total_mib
  max_files: 3 # templates.max_files
  max_depth: 4 # templates.max_depth
sessions:
  max_working: 1 # sessions.max_working
  max_open: 2 # sessions.max_open
  gc_interval_seconds: 3 # sessions.gc_interval_seconds
  abandon_after_seconds: 4 # sessions.abandon_after_seconds
  retain_terminal_hours: 5 # sessions.retain_terminal_hours
  retain_terminal_count: 6 # sessions.retain_terminal_count
  shutdown_grace_seconds: 7 # sessions.shutdown_grace_seconds
disk:
  min_free_mib: 8 # disk.min_free_mib
  lock_timeout_seconds: 9 # disk.lock_timeout_seconds
sync:
  enabled: false # sync.enabled
  workers: 3 # sync.workers
  per_equipment: 2 # sync.per_equipment
  lease_seconds: 30 # sync.lease_seconds
  data_poll_seconds: 10 # sync.data_poll_seconds
  silence_seconds: 60 # sync.silence_seconds
nas_cleanup:
  enabled: true # nas_cleanup.enabled
  min_verify_passes: 3 # nas_cleanup.min_verify_passes
  min_age_hours: 48 # nas_cleanup.min_age_hours
  trash_hours: 72 # nas_cleanup.trash_hours
  retain_cache: false # nas_cleanup.retain_cache
export:
  license: CC-BY-4.0 # export.license
  organization: Example University # export.organization
orchestrator:
  enabled: true # orchestrator.enabled
  host: director # orchestrator.host
  label: Directs all # orchestrator.label
http:
  host: 0.0.0.0 # http.host
  port: 8080 # http.port
  token_file: token # http.token_file
  allowed_hosts: ["lab:8080", 10.0.0.7, "::1", "[fe80::1]:80", a_b.example.] # http.allowed_hosts
  head_seconds: 5 # http.head_seconds
  request_seconds: 15 # http.request_seconds
logging:
  level: debug # logging.level
  format: json # logging.format
`

/** Each key with a line that it can't have: of a wrong type, or a value that can't work. */
export const wrongKeys: ReadonlyArray<readonly [key: string, line: string, kind: "type" | "value"]> = [
  ["paths.local_root", "  local_root: [a]", "type"],
  ["paths.local_root", '  local_root: ""', "value"],
  ["paths.templates_dir", "  templates_dir: 3", "type"],
  ["paths.templates_dir", '  templates_dir: ""', "value"],
  ["paths.plugin_dir", "  plugin_dir: { a: 1 }", "type"],
  ["plugins.allow_network", "  allow_network: maybe", "type"],
  ["plugins.min_isolation", "  min_isolation: high", "type"],
  ["plugins.readable_paths", "  readable_paths: /opt", "type"],
  ["plugins.readable_paths", "  readable_paths: [opt]", "value"],
  ["equipment.0.id", "  - id: 4", "type"],
  ["equipment.0.id", "  - id: confocal", "value"],
  ["equipment.0.label", "    label: true", "type"],
  ["equipment.0.nas_root", "    nas_root: []", "type"],
  ["equipment.0.nas_root", "    nas_root: nas/confocal", "value"],
  ["equipment.0.sync_when", "    sync_when: later", "type"],
  ["equipment.0.completeness.type", "      type: silent", "type"],
  ["equipment.0.completeness.minutes", "      minutes: soon", "type"],
  ["equipment.0.completeness.minutes", "      minutes: 0", "value"],
  ["equipment.0.transport.type", "      type: ftp", "type"],
  ["equipment.0.transport.host", "      host: 1", "type"],
  ["equipment.0.transport.host", "      host: -oProxyCommand=x", "value"],
  ["equipment.0.transport.port", "      port: ssh", "type"],
  ["equipment.0.transport.port", "      port: 0", "value"],
  ["equipment.0.transport.user", "      user: [lab]", "type"],
  ["equipment.0.transport.user", "      user: -l", "value"],
  ["equipment.0.transport.identity_file", "      identity_file: 1", "type"],
  ["equipment.0.transport.identity_file", "      identity_file: keys/lab", "value"],
  ["equipment.0.transport.known_hosts_file", "      known_hosts_file: true", "type"],
  ["equipment.0.transport.known_hosts_file", "      known_hosts_file: known", "value"],
  ["equipment.0.transport.has_shell", "      has_shell: no shell", "type"],
  ["equipment.0.transport.upload_mbps", "      upload_mbps: fast", "type"],
  ["equipment.0.transport.upload_mbps", "      upload_mbps: 0", "value"],
  ["equipment.0.transport.schedule", "      schedule: nights", "type"],
  ["equipment.0.transport.schedule", '      schedule: [{ days: [mon], from: "8", to: "18:00" }]', "value"],
  ["operators.allowlist", "  allowlist: asmith", "type"],
  ["readme.defaults.0", "    - funder", "type"],
  ["readme.defaults.0", "    - { id: funder, label: Funder, type: choice }", "value"],
  ["time_zone", "time_zone: 2", "type"],
  ["time_zone", "time_zone: Mars/Olympus", "value"],
  ["validator.content_scan_extensions", "  content_scan_extensions: .txt", "type"],
  ["validator.content_scan_max_mib", "  content_scan_max_mib: much", "type"],
  ["validator.content_scan_max_mib", "  content_scan_max_mib: -1", "value"],
  ["audit.enabled", "  enabled: often", "type"],
  ["audit.interval_seconds", "  interval_seconds: often", "type"],
  ["audit.interval_seconds", "  interval_seconds: 0.5", "value"],
  ["audit.full_interval_seconds", "  full_interval_seconds: [1]", "type"],
  ["audit.full_interval_seconds", "  full_interval_seconds: -1", "value"],
  ["templates.max_file_mib", "  max_file_mib: []", "type"],
  ["templates.max_total_mib", "  max_total_mib: true", "type"],
  ["templates.max_files", "  max_files: 1.5", "type"],
  ["templates.max_depth", "  max_depth: null", "type"],
  ["sessions.max_working", "  max_working: all", "type"],
  ["sessions.max_working", "  max_working: 0", "value"],
  ["sessions.max_open", "  max_open: '2'", "type"],
  ["sessions.gc_interval_seconds", "  gc_interval_seconds: often", "type"],
  ["sessions.gc_interval_seconds", "  gc_interval_seconds: 0", "value"],
  ["sessions.abandon_after_seconds", "  abandon_after_seconds: 1h", "type"],
  ["sessions.retain_terminal_hours", "  retain_terminal_hours: x", "type"],
  ["sessions.retain_terminal_count", "  retain_terminal_count: 0.5", "type"],
  ["sessions.shutdown_grace_seconds", "  shutdown_grace_seconds: {}", "type"],
  ["disk.min_free_mib", "  min_free_mib: 1GB", "type"],
  ["disk.lock_timeout_seconds", "  lock_timeout_seconds: -1", "value"],
  ["paths.state_dir", "  state_dir: [x]", "type"],
  ["paths.state_dir", '  state_dir: ""', "value"],
  ["sync.enabled", "  enabled: sometimes", "type"],
  ["sync.workers", "  workers: many", "type"],
  ["sync.workers", "  workers: 0", "value"],
  ["sync.per_equipment", "  per_equipment: 0", "value"],
  ["sync.per_equipment", "  per_equipment: 1.5", "type"],
  ["sync.lease_seconds", "  lease_seconds: long", "type"],
  ["sync.lease_seconds", "  lease_seconds: 0", "value"],
  ["sync.data_poll_seconds", "  data_poll_seconds: often", "type"],
  ["sync.data_poll_seconds", "  data_poll_seconds: 0", "value"],
  ["sync.silence_seconds", "  silence_seconds: x", "type"],
  ["nas_cleanup.enabled", "  enabled: 1", "type"],
  ["nas_cleanup.min_verify_passes", "  min_verify_passes: 0", "value"],
  ["nas_cleanup.min_verify_passes", "  min_verify_passes: two", "type"],
  ["nas_cleanup.min_age_hours", "  min_age_hours: day", "type"],
  ["nas_cleanup.min_age_hours", "  min_age_hours: -1", "value"],
  ["nas_cleanup.trash_hours", "  trash_hours: -1", "value"],
  ["nas_cleanup.trash_hours", "  trash_hours: x", "type"],
  ["nas_cleanup.retain_cache", "  retain_cache: 1", "type"],
  ["export.license", "  license: 4.0", "type"],
  ["export.license", "  license: CC BY 4.0", "value"],
  ["export.license", '  license: ""', "value"],
  ["export.license", "  license: ftp://example.org/licence", "value"],
  ["export.license", "  license: https://", "value"],
  ["export.organization", "  organization: [Example]", "type"],
  ["export.organization", '  organization: " "', "value"],
  ["export.organization", '  organization: "Example\\nUniversity"', "value"],
  ["orchestrator.enabled", "  enabled: 1", "type"],
  ["orchestrator.host", "  host: 1", "type"],
  ["orchestrator.label", "  label: [x]", "type"],
  ["http.host", '  host: ""', "type"],
  ["http.port", "  port: 70000", "type"],
  ["http.token_file", "  token_file: false", "type"],
  ["http.token_file", "  token_file: null", "value"],
  ["http.allowed_hosts", "  allowed_hosts: lab", "type"],
  ...[
    '"*"',
    "http://x/",
    '"a b"',
    '""',
    "10.0.0.256",
    '"[::g]"',
    '"lab:0"',
    '"lab:70000"',
    "lab..x",
    "münchen",
  ].map((host) => ["http.allowed_hosts", `  allowed_hosts: [${host}]`, "value"] as const),
  ["http.head_seconds", "  head_seconds: soon", "type"],
  ["http.request_seconds", "  request_seconds: [1]", "type"],
  ["http.head_seconds", "  head_seconds: 16", "value"],
  ["http.head_seconds", "  head_seconds: 0", "value"],
  ["logging.level", "  level: loud", "type"],
  ["logging.format", "  format: xml", "type"],
]
