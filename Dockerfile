# The app alone; PostGIS runs beside it (see compose.yaml).
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# pg_dump and pg_restore, for ./gridwell backup and restore; the fonts of reports (see cli/_serving/fonts.py)
RUN apt-get update && apt-get install -y --no-install-recommends \
    postgresql-client fonts-noto-cjk fonts-babelstone-han fonts-hanazono \
  && cd /tmp && apt-get download texlive-lang-chinese && dpkg-deb --extract texlive-lang-chinese_*.deb tex \
  && install -D -m 644 -t /usr/local/share/fonts/gridwell tex/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol[FK]a*.otf \
  && rm -rf tex texlive-lang-chinese_*.deb /var/lib/apt/lists/*

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
RUN useradd --system --home-dir /state --create-home gridwell && chmod 700 /state
USER gridwell

ENV GRIDWELL_HOME=/state GRIDWELL_HOST=0.0.0.0 GRIDWELL_PORT=8050
VOLUME /state
EXPOSE 8050
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8050/healthz', timeout=4)"]

ENTRYPOINT ["python", "-m", "cli"]
CMD ["up"]
