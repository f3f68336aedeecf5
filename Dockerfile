# sama-bench in a container. On a CPU, with the baselines, scoring, reports and the gate:
#   docker build -t sama-bench . && docker run --rm -v "$PWD/runs:/work/runs" sama-bench run --model motion
# On a GPU, with what `--model sama` needs (PyTorch's wheels bring CUDA themselves; the host needs NVIDIA's container toolkit):
#   docker build -t sama-bench:cuda --build-arg EXTRAS=sama .
#   docker run --rm --gpus all -v "$PWD:/work" sama-bench:cuda run --model sama --model-arg checkpoint=Sunye2311/SAMA_1B
ARG PYTHON=3.11
FROM python:${PYTHON}-slim
ARG EXTRAS=""
COPY . /src
RUN pip install --no-cache-dir "/src${EXTRAS:+[$EXTRAS]}" && rm -rf /src
RUN useradd --create-home --uid 1000 bench && mkdir /work && chown bench /work
USER bench
WORKDIR /work
ENTRYPOINT ["sama-bench"]
CMD ["--help"]
