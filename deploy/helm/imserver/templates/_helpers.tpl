{{- define "imserver.name" -}}
{{- .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Of the release, and short enough for what is added to it. */}}
{{- define "imserver.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Called with (dict "root" $ "part" "gateway"). */}}
{{- define "imserver.selector" -}}
app.kubernetes.io/name: {{ include "imserver.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "imserver.labels" -}}
{{ include "imserver.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: imserver
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "imserver.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "imserver.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "imserver.fullname" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* Settings by the names of their flags, as environment variables; a list becomes one value with commas. */}}
{{- define "imserver.settings" -}}
{{- range $flag, $value := . }}
- name: IMSERVER_{{ $flag | replace "-" "_" | upper }}
  value: {{ if kindIs "slice" $value }}{{ join "," $value | quote }}{{ else if and (kindIs "float64" $value) (eq (floor $value) $value) }}{{ $value | int64 | toString | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
{{- end }}
{{- end }}

{{/* What both kinds of pod have in common, around their containers: (dict "root" $ "part" … "values" …). */}}
{{- define "imserver.pod" -}}
serviceAccountName: {{ include "imserver.serviceAccount" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.topologySpread.topologyKeys }}
topologySpreadConstraints:
  {{- range . }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $.root.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels: {{- include "imserver.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The same of their containers. Probes ask the operator's port; a start may wait two minutes for a database. */}}
{{- define "imserver.container" -}}
image: {{ include "imserver.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: [--mode={{ .part }}]
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
startupProbe:
  httpGet: { path: /healthz, port: ops }
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  httpGet: { path: /healthz, port: ops }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /readyz, port: ops }
  periodSeconds: 3
  timeoutSeconds: 2
  failureThreshold: 2
{{- if gt (int .root.Values.preStopSeconds) 0 }}
lifecycle:
  preStop:
    exec: { command: [sleep, {{ .root.Values.preStopSeconds | toString | quote }}] }
{{- end }}
resources: {{- toYaml .values.resources | nindent 2 }}
{{- end }}

{{- define "imserver.environment" -}}
- name: IMSERVER_CONFIG
  value: /run/secrets/imserver/imserver.toml
- name: IMSERVER_OPS_HOST
  value: {{ .root.Values.listen | quote }}
- name: IMSERVER_LOG_FORMAT
  value: json
- name: IMSERVER_LOG_LEVEL
  value: {{ .root.Values.log.level }}
{{- with .root.Values.tracing }}
{{- if .endpoint }}
- name: IMSERVER_TRACE_ENDPOINT
  value: {{ .endpoint | quote }}
- name: IMSERVER_TRACE_SAMPLE
  value: {{ .sample | toString | quote }}
{{- end }}
{{- end }}
{{- if .tls }}
- name: IMSERVER_GRPC_TLS_CA
  value: /run/secrets/grpc/ca.crt
- name: IMSERVER_GRPC_TLS_CERT
  value: /run/secrets/grpc/tls.crt
- name: IMSERVER_GRPC_TLS_KEY
  value: /run/secrets/grpc/tls.key
{{- end }}
{{- end }}

{{- define "imserver.dbproxyHost" -}}
{{ include "imserver.fullname" . }}-dbproxy
{{- end }}
