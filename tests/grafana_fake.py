# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Grafana answers to the part of its HTTP API that the collection uses, after the vendor's manual ("HTTP API reference")."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "glsa_of-the-scenario"
OF_EDITORS = ("/api/folders", "/api/dashboards", "/api/search")


class Grafana:
    """Folders, data sources and dashboards; `role` is that of the token, `reached` whether data sources answer."""

    def __init__(self, role: str = "Admin") -> None:
        self.role, self.reached = role, True
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []

    @property
    def written(self) -> list[str]:
        """What was asked to change something."""
        return [f"{method} {path}" for method, path in self.asked if method != "GET"]

    def ask(self, method: str, url: str, body: Any, token: str = TOKEN) -> tuple[int, Any]:
        """Answer one request."""
        parts = urlsplit(url)
        path = unquote(parts.path)
        self.asked.append((method, path))
        if token != TOKEN:
            return 401, {"message": "Invalid API key"}
        if self.role == "Editor" and not path.startswith(OF_EDITORS) and not path.endswith("/health"):
            return 403, {"message": "You'll need additional permissions to perform this action."}
        kind, *rest = path.removeprefix("/api/").split("/")
        answer = getattr(self, f"_{kind}", None)
        return answer(method, rest, parse_qs(parts.query), copy.deepcopy(body)) if answer else (404, {"message": "Not found"})

    def _folders(self, method: str, rest: list[str], _query: Any, body: Any) -> tuple[int, Any]:
        if method == "POST":
            if body["uid"] in self.folders:
                return 412, {"message": "a folder with the same uid already exists"}
            self.folders[body["uid"]] = {"id": len(self.folders) + 1, "version": 1, **body}
            return 200, self.folders[body["uid"]]
        folder = self.folders.get(rest[0])
        if folder is None:
            return 404, {"message": "folder not found"}
        if method == "PUT":
            if not body.get("overwrite") and body.get("version") != folder["version"]:
                return 412, {"message": "the folder has been changed by someone else"}
            folder.update(title=body["title"], version=folder["version"] + 1)
        if method == "DELETE":
            del self.folders[rest[0]]
            self.dashboards = {uid: one for uid, one in self.dashboards.items() if one["meta"]["folderUid"] != rest[0]}
            return 200, {"message": "Folder deleted"}
        return 200, folder

    def _datasources(self, method: str, rest: list[str], _query: Any, body: Any) -> tuple[int, Any]:
        if method == "POST":
            if any(one["name"] == body["name"] for one in self.sources.values()):
                return 409, {"message": "data source with the same name already exists"}
            return 200, {"datasource": self._keep(body), "message": "Datasource added"}
        uid = rest[1]
        if uid not in self.sources:
            return 404, {"message": "Data source not found"}
        if rest[2:] == ["health"]:
            if self.reached:
                return 200, {"status": "OK", "message": "Successfully queried the Prometheus API."}
            return 400, {"status": "ERROR", "message": "connection refused"}
        if method == "PUT":
            return 200, {"datasource": self._keep(body), "message": "Datasource updated"}
        if method == "DELETE":
            del self.sources[uid]
            return 200, {"message": "Data source deleted"}
        return 200, self.sources[uid]

    def _keep(self, body: dict[str, Any]) -> dict[str, Any]:
        secrets = body.pop("secureJsonData", {})
        self.secrets.setdefault(body["uid"], {}).update(secrets)
        fields = dict.fromkeys(self.secrets[body["uid"]], True)
        self.sources[body["uid"]] = {"id": 1, "orgId": 1, "readOnly": False, "version": 1, **body, "secureJsonFields": fields}
        return self.sources[body["uid"]]

    def _dashboards(self, method: str, rest: list[str], _query: Any, body: Any) -> tuple[int, Any]:
        if method == "POST":
            given = body["dashboard"]
            if body.get("folderUid") and body["folderUid"] not in self.folders:
                return 400, {"message": "folder not found"}
            before = self.dashboards.get(given["uid"])
            if before and not body.get("overwrite"):
                return 412, {"message": "The dashboard has been changed by someone else", "status": "version-mismatch"}
            version = before["dashboard"]["version"] + 1 if before else 1
            made = {**given, "id": len(self.dashboards) + 1, "version": version, "schemaVersion": 41}
            self.dashboards[given["uid"]] = {"dashboard": made, "meta": {"folderUid": body.get("folderUid", ""), "version": version}}
            return 200, {"uid": given["uid"], "version": version, "status": "success"}
        if rest[1] not in self.dashboards:
            return 404, {"message": "Dashboard not found"}
        if method == "DELETE":
            return 200, {"title": self.dashboards.pop(rest[1])["dashboard"]["title"]}
        return 200, self.dashboards[rest[1]]

    def _search(self, _method: str, _rest: list[str], query: dict[str, list[str]], _body: Any) -> tuple[int, Any]:
        found = [
            {"uid": uid, "title": one["dashboard"]["title"], "type": "dash-db", "folderUid": one["meta"]["folderUid"]}
            for uid, one in self.dashboards.items()
            if all(tag in one["dashboard"].get("tags", ()) for tag in query.get("tag", ()))
            and one["meta"]["folderUid"] in query.get("folderUIDs", [one["meta"]["folderUid"]])
        ]
        return 200, found
