/** Every key, each on a line that ends with its name. */
export const everyKeyOnce = `
paths:
  local_root: lab # paths.local_root
  templates_dir: /srv/templates # paths.templates_dir
  plugin_dir: /srv/plugins # paths.plugin_dir
plugins:
  allow_network: true # plugins.allow_network
  min_isolation: permission # plugins.min_isolation
  readable_paths: [/opt/tools] # plugins.readable_paths
equipment:
  - id: CONFOCAL_01 # equipment.0.id
    label: Confocal # equipment.0.label
    nas_root: /nas/confocal # equipment.0.nas_root
operators:
  allowlist: [asmith] # operators.allowlist
readme:
  defaults:
    - { id: funder, label: Funder, type: string } # readme.defaults.0
time_zone: Europe/Vienna # time_zone
validator:
  content_scan_extensions: [.txt] # validator.content_scan_extensions
  content_scan_max_mib: 2 # validator.content_scan_max_mib
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
orchestrator:
  enabled: true # orchestrator.enabled
  host: director # orchestrator.host
  label: Directs all # orchestrator.label
http:
  host: 0.0.0.0 # http.host
  port: 8080 # http.port
  token_file: token # http.token_file
  allowed_hosts: ["lab:8080"] # http.allowed_hosts
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
  ["operators.allowlist", "  allowlist: asmith", "type"],
  ["readme.defaults.0", "    - funder", "type"],
  ["readme.defaults.0", "    - { id: funder, label: Funder, type: choice }", "value"],
  ["time_zone", "time_zone: 2", "type"],
  ["time_zone", "time_zone: Mars/Olympus", "value"],
  ["validator.content_scan_extensions", "  content_scan_extensions: .txt", "type"],
  ["validator.content_scan_max_mib", "  content_scan_max_mib: much", "type"],
  ["validator.content_scan_max_mib", "  content_scan_max_mib: -1", "value"],
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
  ["orchestrator.enabled", "  enabled: 1", "type"],
  ["orchestrator.host", "  host: 1", "type"],
  ["orchestrator.label", "  label: [x]", "type"],
  ["http.host", '  host: ""', "type"],
  ["http.port", "  port: 70000", "type"],
  ["http.token_file", "  token_file: false", "type"],
  ["http.token_file", "  token_file: null", "value"],
  ["http.allowed_hosts", "  allowed_hosts: lab", "type"],
  ["logging.level", "  level: loud", "type"],
  ["logging.format", "  format: xml", "type"],
]
